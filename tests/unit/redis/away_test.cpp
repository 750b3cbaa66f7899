#include "asker.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

TEST_CASE("a Redis that is away is tried for again, later each time", "[away]") {
  Loop loop;
  RedisServer server;
  server.stop();
  Asker asker(loop, server.tcp_url());
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return asker.downs.size() == 3; }));
  CHECK(asker.downs == std::vector<std::string>(3, "Connection refused"));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(asker.waits[i] >= 50ms);
    CHECK(asker.waits[i] <= 100ms * (1 << i));
  }
  CHECK_FALSE(asker.client->up());
  server.start();
  CHECK(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ask({"PING"}) == "PONG");

  asker.waits.clear();
  server.stop();
  REQUIRE(run_until(loop, [&] { return !asker.waits.empty(); }));
  CHECK(asker.waits.front() <= 100ms);  // it worked: the waits begin anew
}

TEST_CASE("a connection that breaks answers every question once, then is down", "[away]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  std::string story;
  server.freeze();
  for (const char* name : {"a", "b", "c"}) {
    asker.client->command({"SET", name, "1"}, [&story, name](const Reply* reply) {
      story += std::string(name) + (reply == nullptr ? " lost " : " answered ");
    });
  }
  asker.client->command({"SET", "d", "1"});  // nobody waits for this one
  asker.client->flush();
  asker.after_down = [&] { story += "down"; };
  server.stop();
  REQUIRE(run_until(loop, [&] { return !asker.downs.empty(); }));
  CHECK(story == "a lost b lost c lost down");
  CHECK(asker.client->unanswered() == 0);
  CHECK(asker.client->pending_bytes() == 0);
  CHECK_FALSE(asker.client->up());

  asker.after_down = [] {};
  server.start();
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ups == 2);
  CHECK(asker.ask({"DBSIZE"}) == "0");  // nothing was sent twice
}

TEST_CASE("a client that comes back logs in anew", "[away]") {
  Loop loop;
  RedisServer server({"--requirepass", "p"});
  Asker asker(loop, "unix://:p@" + server.socket_path() + "?db=5");
  REQUIRE(asker.comes_up());
  server.stop();
  REQUIRE(run_until(loop, [&] { return !asker.client->up(); }));
  server.start();
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ask({"SET", "k", "v"}) == "OK");
  CHECK(server.cli("-a p --no-auth-warning -n 5 GET k") == "v");
}

TEST_CASE("what Redis does not take waits, and on_drained tells when it is out", "[away]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  server.freeze();
  const std::string value(std::size_t{64} << 10, 'x');
  for (int i = 0; i < 100; ++i) asker.client->command({"SET", "k" + std::to_string(i), value});
  CHECK(asker.client->pending_bytes() > 0);
  CHECK(asker.drained == 0);
  server.thaw();
  REQUIRE(run_until(loop, [&] { return asker.drained > 0; }));
  CHECK(asker.client->pending_bytes() == 0);
  REQUIRE(run_until(loop, [&] { return asker.client->unanswered() == 0; }));
  CHECK(server.cli("DBSIZE") == "100");
  CHECK(asker.drained == 1);
}

TEST_CASE("stop is silent and for good", "[away]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  bool called = false;

  SECTION("before the connection is up") {
    asker.client->start();
    asker.client->stop();
    loop.run();
    CHECK(asker.ups == 0);
  }
  SECTION("with questions unanswered") {
    REQUIRE(asker.comes_up());
    asker.client->command({"GET", "a"}, [&](const Reply*) { called = true; });
    asker.client->stop();
    CHECK_FALSE(asker.client->up());
    CHECK(asker.client->unanswered() == 0);
    loop.run();
  }
  SECTION("while it waits for the next try") {
    server.stop();
    CHECK_FALSE(asker.goes_down().empty());
    asker.downs.clear();
    asker.client->stop();
    loop.run();
  }
  CHECK_FALSE(called);
  CHECK(asker.downs.empty());
}

TEST_CASE("a stopped client may be started again", "[away]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  asker.client->stop();
  REQUIRE(asker.comes_up());
  CHECK(asker.ask({"PING"}) == "PONG");
}

TEST_CASE("a client may be stopped or destroyed in each of its callbacks", "[away]") {
  const bool destroy = GENERATE(true, false);
  const std::string where = GENERATE("up", "reply", "lost", "down");
  CAPTURE(destroy, where);
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  std::string story;
  const auto end_here = [&](const std::string& place) {
    story += place + " ";
    if (place != where) return;
    destroy ? asker.client.reset() : asker.client->stop();
  };
  asker.after_up = [&] {
    end_here("up");
    if (where == "up") return;
    for (int i = 0; i < 2; ++i) {
      asker.client->command(
          {"PING"}, [&](const Reply* reply) { end_here(reply == nullptr ? "lost" : "reply"); });
    }
    asker.client->flush();
    if (where == "lost" || where == "down") server.stop();
  };
  asker.after_down = [&] { end_here("down"); };
  if (where == "lost" || where == "down") {
    // Frozen before it can answer the two: the login's answers have been sent by then.
    asker.after_up = [&, up = asker.after_up] {
      server.freeze();
      up();
    };
  }
  asker.client->start();
  loop.run();  // ends: nothing is left
  CHECK(story == (where == "up"      ? "up "
                  : where == "reply" ? "up reply "
                  : where == "lost"  ? "up lost "
                                     : "up lost lost down "));
}
