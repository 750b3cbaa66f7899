#include "asker.hpp"
#include "redis/subscriber.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

namespace {

std::string with_client(const std::string& url) {
  const auto& all = Certificates::get();
  return url + "&cert=" + all.pem("client") + "&key=" + all.key("client");
}

}  // namespace

TEST_CASE("a client asks over TLS", "[tls]") {
  const std::string host = GENERATE("localhost", "127.0.0.1");
  Loop loop;
  RedisServer server({}, RedisServer::Port::kTls);
  server.cli("ACL SETUSER feed on '>p' '~*' '+@all'");
  auto url = server.tls_url(host) + "&db=3&client_name=own";
  url.insert(url.find("//") + 2, "feed:p@");
  Asker asker(loop, url);
  REQUIRE(asker.comes_up());
  CHECK(asker.ask({"CLIENT", "GETNAME"}) == "own");
  CHECK(asker.ask({"ACL", "WHOAMI"}) == "feed");
  int answered = 0;
  for (int i = 0; i < 20'000; ++i) {
    asker.client->command({"SETEX", std::to_string(i), "60", std::string(100, 'x')},
                          [&](const Reply* reply) { answered += reply != nullptr; });
  }
  REQUIRE(run_until(loop, [&] { return answered == 20'000; }));
  CHECK(server.cli("-n 3 DBSIZE") == "20000");
}

TEST_CASE("a TLS server of Redis is held to its certificate, and we to ours", "[tls]") {
  Loop loop;
  struct Case {
    const char* why;
    std::vector<std::string> options;
    std::string query;
    std::string reason;  // empty: it comes up
  };
  const auto& all = Certificates::get();
  const auto ca = "?ca=" + all.pem("ca");
  const auto certificate = [&](const char* name) -> std::vector<std::string> {
    return {"--tls-cert-file", all.pem(name), "--tls-key-file", all.key(name)};
  };
  const std::vector<Case> cases{
      {"expired", certificate("expired"), ca,
       "its certificate is not good: certificate has expired"},
      {"of another host", certificate("foreign"), ca,
       "its certificate is not good: it is not for localhost"},
      {"unknown authority",
       {},
       "",
       "its certificate is not good: self-signed certificate in certificate chain"},
      {"client certificate wanted, none given",
       {"--tls-auth-clients", "yes"},
       ca,
       "it refused TLS: tlsv13 alert certificate required"},
      {"client certificate wanted and given", {"--tls-auth-clients", "yes"}, with_client(ca), ""},
  };
  for (const auto& c : cases) {
    INFO(c.why);
    RedisServer server(c.options, RedisServer::Port::kTls);
    Asker asker(loop, "rediss://localhost:" + std::to_string(server.port()) + c.query);
    if (c.reason.empty()) {
      CHECK(asker.comes_up());
    } else {
      CHECK(asker.goes_down() == c.reason);
    }
  }
}

TEST_CASE("TLS on one side only is told", "[tls]") {
  Loop loop;
  SECTION("a Redis without TLS waits for the end of a line that never comes") {
    RedisServer server;
    Asker asker(loop, server.tls_url(), {.connect = 300ms});
    CHECK(asker.goes_down() ==
          "no answer within 300 ms to the start of TLS; perhaps it does not speak it");
  }
  SECTION("a server with TLS answers plain words with an alert") {
    RawServer server;
    Asker asker(loop, url_of(server));
    asker.client->start();
    REQUIRE(run_until(loop, [&] { return server.accept(); }));
    server.say("\x15\x03\x03\x00\x02\x02\x46"sv);
    CHECK(asker.goes_down() == "it speaks TLS; the URL has to begin with rediss");
  }
}

TEST_CASE("a TLS connection that falls silent is given up, and comes back", "[tls]") {
  Loop loop;
  RedisServer server({}, RedisServer::Port::kTls);
  const Limits limits{.connect = 1s, .silence = 1s};
  Asker idle(loop, server.tls_url(), limits);
  REQUIRE(idle.comes_up());
  server.freeze();
  Asker newcomer(loop, server.tls_url(), limits);
  newcomer.client->start();
  REQUIRE(run_until(loop, [&] { return !idle.downs.empty() && !newcomer.downs.empty(); }));
  CHECK(idle.downs.front() == "no answer within 1 s");
  CHECK(newcomer.downs.front() ==
        "no answer within 1 s to the start of TLS; perhaps it does not speak it");
  server.thaw();
  CHECK(run_until(loop, [&] { return idle.client->up() && newcomer.client->up(); }));
}

TEST_CASE("a subscriber hears over TLS", "[tls]") {
  Loop loop;
  RedisServer server({}, RedisServer::Port::kTls);
  std::string heard;
  Subscriber subscriber(loop, address_of(server.tls_url()), "ltp-test", "ticks",
                        {.on_up = {},
                         .on_message = [&](std::string_view payload) { heard += payload; },
                         .on_dry = {},
                         .on_down = {}});
  subscriber.start();
  REQUIRE(run_until(loop, [&] { return subscriber.up(); }));
  server.cli("PUBLISH ticks one");
  CHECK(run_until(loop, [&] { return heard == "one"; }));
}
