#include "base/fault.hpp"
#include "http_asker.hpp"
#include "loop/stream.hpp"
#include "server_world.hpp"
#include "support/certificates.hpp"
#include "support/raw_server.hpp"
#include "support/tls_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <string>

using Kind = HttpFault::Kind;

namespace {

/// True if the last record is the only one so small in TLS 1.3: two bytes of alert.
bool ends_with_farewell(std::string_view records) {
  std::size_t size = 0;
  while (records.size() >= 5) {
    size = static_cast<std::size_t>(static_cast<unsigned char>(records[3])) << 8 |
           static_cast<unsigned char>(records[4]);
    if (records.size() < 5 + size) return false;
    records.remove_prefix(5 + size);
  }
  return records.empty() && size == 19;
}

}  // namespace

TEST_CASE("over TLS: good, unknown, expired and foreign certificates", "[net][http][tls]") {
  struct Case {
    const char* name;
    bool trusted;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({{"good", true, nullptr},
                                        {"good", false, "issuer"},
                                        {"expired", true, "expired"},
                                        {"foreign", true, "localhost"}}));
  INFO(c.name << " " << c.trusted);
  const auto& certificates = Certificates::get();
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  handler.response.body = std::string(3'000'000, 'x');
  const Server server(
      context,
      {.tls_cert_file = certificates.pem(c.name), .tls_key_file = certificates.key(c.name)},
      handler);
  Asker asker(loop);
  auto wanted = request(server.port());
  wanted.host = "localhost";
  wanted.tls = true;
  wanted.ca_file = c.trusted ? certificates.pem("ca") : "";
  wanted.max_body = 3'000'000;
  asker.client->ask(wanted, loop::Ms{10'000}, asker.done());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  if (c.said == nullptr) {
    CHECK(asker.answer().body == handler.response.body);
    return;
  }
  CHECK(asker.fault().kind == Kind::kTls);
  INFO(asker.fault().text);
  CHECK(asker.fault().text.find(c.said) != std::string::npos);
  CHECK(handler.log.empty());  // the token has not left
}

TEST_CASE("over TLS: no server, no authority, no TLS", "[net][http][tls]") {
  loop::Loop loop;
  RawServer server;
  Asker asker(loop);
  auto wanted = request(server.port());
  wanted.tls = true;
  const std::string answer = GENERATE(as<std::string>(), "HTTP/1.1 400 Bad Request\r\n\r\n", "");
  asker.client->ask(wanted, loop::Ms{5000}, asker.done());
  REQUIRE(run_until(loop, [&] {
    if (!server.connected()) server.accept();
    return server.connected() && !server.heard().empty();
  }));
  CHECK(server.heard()[0] == '\x16');
  CHECK(server.heard().find("canary") == std::string::npos);
  if (!answer.empty()) server.say(answer);
  server.hang_up();
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kTls);
  INFO(asker.fault().text);
  CHECK((answer.empty() || asker.fault().text == "it does not speak TLS"));

  asker.told.clear();
  wanted.ca_file = "/nowhere/ca.pem";
  asker.client->ask(wanted, loop::Ms{5000}, asker.done());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kTls);
  CHECK(asker.fault().text.find("/nowhere/ca.pem") != std::string::npos);
}

TEST_CASE("over TLS an answer without a length is whole only if TLS says so", "[net][http][tls]") {
  const TempDir dir;
  std::ofstream(dir / "answer") << "HTTP/1.1 200 OK\r\n\r\n" << std::string(100'000, 'x');
  const TlsServer origin("good", {}, dir / "");

  // In between, somebody who keeps back the last bytes: the farewell of TLS.
  const std::size_t kept_back = GENERATE(0, 10, 24);
  INFO(kept_back);
  loop::Loop loop;
  RawServer between;
  std::string from_origin;
  std::string to_origin;
  loop::Stream link(loop, {.on_open = [] {},
                           .on_data = [&](std::string_view bytes) { from_origin.append(bytes); },
                           .on_closed = [](const std::string&) {},
                           .on_drained = {}});
  Asker asker(loop);
  auto wanted = request(between.port(), "/answer");
  wanted.host = "localhost";
  wanted.tls = true;
  wanted.ca_file = Certificates::get().pem("ca");
  asker.client->ask(wanted, loop::Ms{10'000}, asker.done());
  link.open({.host = "127.0.0.1", .port = origin.port(), .path = {}, .tls = {}}, loop::Ms{5000});
  std::size_t given = 0;
  std::size_t taken = 0;
  REQUIRE(run_until(loop, [&] {
    if (!asker.told.empty()) return true;
    if (!between.connected() && !between.accept()) return false;
    if (const auto& heard = between.heard(); link.is_open() && heard.size() > taken) {
      link.write(std::string_view(heard).substr(taken));
      taken = heard.size();
    }
    // The handshake at once; of the answer, all but the end.
    const bool ended = ends_with_farewell(from_origin);
    const auto now =
        ended ? from_origin.size() - kept_back : std::min<std::size_t>(from_origin.size(), 90'000);
    if (now > given) between.say(std::string_view(from_origin).substr(given, now - given));
    given = std::max(given, now);
    if (ended) between.hang_up();
    return false;
  }));
  if (kept_back == 0) {
    CHECK(asker.answer().body == std::string(100'000, 'x'));
  } else {
    CHECK(asker.fault().kind == Kind::kLost);
    CHECK(asker.fault().text == "the answer was cut off after 100000 bytes");
  }
}
