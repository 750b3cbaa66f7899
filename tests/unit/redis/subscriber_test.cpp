#include "redis/subscriber.hpp"
#include "support/raw_server.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

namespace {

struct Heard {
  Loop& loop;
  std::optional<Subscriber> subscriber;
  std::string story;  // "up [a] [b] dry down: why "
  std::function<void(const std::string& what)> after = [](const std::string&) {};

  Heard(Loop& on, const std::string& url, const Limits& limits = {}) : loop(on) {
    auto address = parse_address(url);
    REQUIRE(address);
    subscriber.emplace(
        loop, std::move(address).value(), "ltp-test", "ticks",
        Subscriber::Events{.on_up = [this] { say("up ", "up"); },
                           .on_message =
                               [this](std::string_view payload) {
                                 say("[" + std::string(payload) + "] ", "message");
                               },
                           .on_dry = [this] { say("dry ", "dry"); },
                           .on_down = [this](const std::string& why,
                                             loop::Ms) { say("down: " + why + " ", "down"); }},
        limits);
    subscriber->start();
  }
  void say(const std::string& text, const std::string& what) {
    story += text;
    after(what);
  }
  bool becomes(const std::string& wanted) {
    return run_until(loop, [&] { return story == wanted; });
  }
  std::string first_event() {
    run_until(loop, [&] { return !story.empty(); });
    return story;
  }
};

}  // namespace

TEST_CASE("a subscriber hears its channel and no other", "[subscriber]") {
  Loop loop;
  RedisServer server;
  const bool over_tcp = GENERATE(true, false);
  Heard heard(loop, over_tcp ? server.tcp_url() : server.unix_url());
  CHECK_FALSE(heard.subscriber->up());
  REQUIRE(heard.becomes("up "));
  CHECK(heard.subscriber->up());
  CHECK(server.cli("PUBLISH other x") == "0");
  CHECK(server.cli("PUBLISH ticks one") == "1");
  CHECK(heard.becomes("up [one] dry "));
  CHECK(server.cli("PUBLISH ticks ''") == "1");
  CHECK(heard.becomes("up [one] dry [] dry "));
  CHECK(server.cli("CLIENT LIST TYPE pubsub").find("name=ltp-test") != std::string::npos);
}

TEST_CASE("messages that come together are dry together", "[subscriber]") {
  Loop loop;
  RawServer server;
  Heard heard(loop, "redis://127.0.0.1:" + std::to_string(server.port()));
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return server.heard().ends_with("$5\r\nticks\r\n"); }));
  server.say("+OK\r\n*3\r\n$9\r\nsubscribe\r\n$5\r\nticks\r\n:1\r\n");
  REQUIRE(heard.becomes("up "));
  const std::string message = "*3\r\n$7\r\nmessage\r\n$5\r\nticks\r\n$1\r\n";
  server.say(message + "a\r\n" + message + "b\r\n" + message.substr(0, 9));
  REQUIRE(heard.becomes("up [a] [b] dry "));
  server.say(message.substr(9) + "c\r\n");
  REQUIRE(heard.becomes("up [a] [b] dry [c] dry "));
}

TEST_CASE("a message may be large and may hold any bytes", "[subscriber]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.becomes("up "));
  const std::string large(std::size_t{1} << 20, 'x');
  const auto file = server.directory() + "large";
  std::ofstream(file) << large;
  CHECK(server.cli("-x PUBLISH ticks <" + file) == "1");
  CHECK(heard.becomes("up [" + large + "] dry "));
  heard.story.clear();
  server.cli(R"(EVAL 'return redis.call("PUBLISH", "ticks", "\0\r\n\255")' 0)");
  CHECK(heard.becomes(std::string("[\0\r\n\xff] dry ", 11)));
}

TEST_CASE("a subscription comes back after a restart, and on_up says so", "[subscriber]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.tcp_url());
  REQUIRE(heard.becomes("up "));
  server.stop();
  REQUIRE(run_until(loop, [&] { return heard.story.starts_with("up down: "); }));
  CHECK_FALSE(heard.subscriber->up());
  server.start();
  REQUIRE(run_until(loop, [&] { return heard.subscriber->up(); }));
  heard.story.clear();
  server.cli("PUBLISH ticks again");
  CHECK(heard.becomes("[again] dry "));
}

TEST_CASE("a subscriber logs in, and Redis's words tell why it could not", "[subscriber]") {
  Loop loop;
  RedisServer server({"--requirepass", "p"});
  server.cli("-a p ACL SETUSER deaf on '>unheard' '~*' resetchannels +@all");
  const auto url = [&](const std::string& login) {
    return "unix://" + login + server.socket_path();
  };
  SECTION("right password") {
    Heard heard(loop, url(":p@"));
    CHECK(heard.becomes("up "));
  }
  SECTION("wrong password") {
    Heard heard(loop, url(":q@"));
    CHECK(heard.first_event() ==
          "down: WRONGPASS invalid username-password pair or user is disabled. ");
  }
  SECTION("no right to the channel") {
    Heard heard(loop, url("deaf:unheard@"));
    CHECK(heard.first_event() ==
          "down: NOPERM this user has no permissions to access one of the channels used as "
          "arguments ");
  }
}

TEST_CASE("a quiet subscription stays, also where a ping is refused", "[subscriber]") {
  Loop loop;
  RedisServer server({"--save", "3600 1", "--dbfilename", "dump"});
  std::string login;
  SECTION("to nobody") {}
  SECTION("to this user") {
    server.cli("ACL SETUSER ear on '>pw' resetchannels '&ticks' -@all +subscribe");
    login = "ear:pw@";
  }
  SECTION("to all, since no snapshot can be written") {
    std::filesystem::create_directory(server.directory() + "dump");
    server.cli("BGSAVE");
    REQUIRE(
        run_until(loop, [&] { return server.cli("PING").find("MISCONF") != std::string::npos; }));
  }
  Heard heard(loop, server.unix_url().insert(7, login), {.silence = 200ms});
  REQUIRE(heard.becomes("up "));
  const auto pings = [&] {
    const auto stats = server.cli("INFO commandstats");
    const auto at = stats.find("cmdstat_ping:");
    return at == std::string::npos ? "" : stats.substr(at, stats.find('\n', at) - at);
  };
  const auto before = pings();
  CHECK_FALSE(run_until(
      loop, [&] { return heard.story != "up "; }, 1s));
  CHECK(pings() != before);
  CHECK(server.cli("PUBLISH ticks a") == "1");
  CHECK(heard.becomes("up [a] dry "));
}

TEST_CASE("a subscriber may be stopped or destroyed in each of its callbacks", "[subscriber]") {
  const bool destroy = GENERATE(true, false);
  const std::string where = GENERATE("up", "message", "dry", "down");
  CAPTURE(destroy, where);
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  heard.after = [&](const std::string& what) {
    if (what == where) {
      destroy ? heard.subscriber.reset() : heard.subscriber->stop();
    } else if (what == "up") {
      server.cli("PUBLISH ticks a");
    } else if (what == "dry") {
      server.stop();
    }
  };
  loop.run();  // ends: nothing is left
  CHECK(heard.story.starts_with(where == "up"        ? "up "
                                : where == "message" ? "up [a] "
                                : where == "dry"     ? "up [a] dry "
                                                     : "up [a] dry down: "));
}

TEST_CASE("a stopped subscriber hears nothing, and may be started again", "[subscriber]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.becomes("up "));
  heard.subscriber->stop();
  CHECK(run_until(loop, [&] { return server.cli("PUBLISH ticks lost") == "0"; }));
  loop.run();
  CHECK(heard.story == "up ");
  heard.subscriber->start();
  REQUIRE(heard.becomes("up up "));
}
