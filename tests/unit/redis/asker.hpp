#pragma once

#include "redis/client.hpp"
#include "support/raw_server.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

inline ltp::redis::Address address_of(const std::string& url) {
  auto address = ltp::redis::parse_address(url);
  REQUIRE(address);
  return std::move(address).value();
}

inline std::string url_of(const RawServer& server) {
  return "redis://127.0.0.1:" + std::to_string(server.port());
}

/// A client and what it said about its connection.
struct Asker {
  ltp::loop::Loop& loop;
  std::optional<ltp::redis::Client> client;
  int ups = 0;
  int drained = 0;
  std::vector<std::string> downs;
  std::vector<ltp::loop::Ms> waits;
  std::function<void()> after_up = [] {};
  std::function<void()> after_down = [] {};

  Asker(ltp::loop::Loop& on, const std::string& url, const ltp::redis::Limits& limits = {})
      : loop(on) {
    client.emplace(
        loop, address_of(url), "ltp-test",
        ltp::redis::Client::Events{.on_up =
                                       [this] {
                                         ++ups;
                                         after_up();
                                       },
                                   .on_down =
                                       [this](const std::string& why, ltp::loop::Ms wait) {
                                         downs.push_back(why);
                                         waits.push_back(wait);
                                         after_down();
                                       },
                                   .on_drained = [this] { ++drained; }},
        limits);
  }

  bool comes_up() {
    client->start();
    return run_until(loop, [this] { return client->up(); });
  }
  /// The first reason for which it went down, or did not come up.
  std::string goes_down() {
    client->start();
    return run_until(loop, [this] { return !downs.empty(); }) ? downs.front() : "still up";
  }

  /// The answer as text; "lost" if the connection broke.
  std::string ask(std::initializer_list<std::string_view> words) {
    std::optional<std::string> answer;
    client->command(words, [&](const ltp::redis::Reply* reply) {
      answer = reply == nullptr                                   ? "lost"
               : reply->kind == ltp::redis::Reply::Kind::kNil     ? "nil"
               : reply->kind == ltp::redis::Reply::Kind::kInteger ? std::to_string(reply->integer)
                                                                  : std::string(reply->text);
    });
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    return *answer;
  }
};
