#pragma once

#include "base/result.hpp"
#include "net/http_client.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::net;

/// A client and what it was told.
struct Asker {
  std::vector<Result<HttpAnswer, HttpFault>> told;
  std::string parts;
  std::optional<HttpClient> client;
  explicit Asker(loop::Loop& loop) { client.emplace(loop); }

  HttpClient::Done done() {
    return [this](Result<HttpAnswer, HttpFault> result) { told.push_back(std::move(result)); };
  }
  HttpClient::Part part() {
    return [this](std::string_view bytes) { parts.append(bytes); };
  }
  /// The answer to the only question so far.
  const HttpAnswer& answer() const {
    REQUIRE(told.size() == 1);
    if (!told[0]) FAIL(told[0].error().text);
    return told[0].value();
  }
  const HttpFault& fault() const {
    REQUIRE(told.size() == 1);
    REQUIRE_FALSE(told[0]);
    INFO(told[0].error().text);
    CHECK(told[0].error().text.find("canary") == std::string::npos);
    return told[0].error();
  }
};

inline HttpRequest request(std::uint16_t port, std::string resource = "/v2?token=canary") {
  return {.host = "127.0.0.1",
          .port = port,
          .resource = std::move(resource),
          .headers = {{"access-token", "canary"}}};
}
