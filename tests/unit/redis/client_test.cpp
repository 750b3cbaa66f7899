#include "asker.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

TEST_CASE("a client asks over TCP and over a unix socket", "[client]") {
  Loop loop;
  RedisServer server;
  const bool over_tcp = GENERATE(true, false);
  Asker asker(loop, over_tcp ? server.tcp_url() : server.unix_url());
  CHECK_FALSE(asker.client->up());
  REQUIRE(asker.comes_up());
  CHECK(asker.ups == 1);
  CHECK(asker.ask({"SETEX", "price", "30", "1393.4"}) == "OK");
  CHECK(server.cli("GET price") == "1393.4");
  CHECK(asker.ask({"GET", "none"}) == "nil");
  CHECK(asker.ask({"INCR", "count"}) == "1");
  CHECK(asker.ask({"INCR", "price"}) == "ERR value is not an integer or out of range");
  CHECK(asker.ask({"CLIENT", "GETNAME"}) == "ltp-test");
  CHECK(asker.downs.empty());
  CHECK(asker.client->unanswered() == 0);
  asker.client->stop();
  loop.run();  // ends: nothing is left
}

TEST_CASE("words and answers may hold any bytes", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  const std::string_view odd("a\0\r\n\xff\"", 6);
  CHECK(asker.ask({"SET", odd, odd}) == "OK");
  CHECK(asker.ask({"GET", odd}) == odd);
}

TEST_CASE("an array answer has its elements in order", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  asker.client->command({"MSET", "a", "1", "c", "3"});
  std::string seen;
  asker.client->command({"MGET", "a", "b", "c"}, [&](const Reply* reply) {
    for (const auto& one : reply->elements) {
      seen += one.kind == Reply::Kind::kNil ? "nil " : std::string(one.text) + " ";
    }
  });
  REQUIRE(run_until(loop, [&] { return !seen.empty(); }));
  CHECK(seen == "1 nil 3 ");
}

TEST_CASE("thousands of commands in a turn are answered in order", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  int next = 0;
  bool in_order = true;
  for (int i = 0; i < 20'000; ++i) {
    const auto number = std::to_string(i);
    asker.client->command({"ECHO", number}, [&, number](const Reply* reply) {
      in_order = in_order && reply != nullptr && reply->text == number;
      ++next;
    });
  }
  CHECK(asker.client->unanswered() == 20'000);
  REQUIRE(run_until(loop, [&] { return next == 20'000; }));
  CHECK(in_order);
  CHECK(asker.client->unanswered() == 0);
  CHECK(asker.client->pending_bytes() == 0);
}

TEST_CASE("commands gather until the end of the turn, flush sends them at once", "[client]") {
  Loop loop;
  RawServer server;
  Asker asker(loop, url_of(server));
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return server.heard().ends_with("PING\r\n"); }));
  server.say("+OK\r\n+PONG\r\n");
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  const auto login = server.heard();

  asker.client->command({"GET", "a"});
  CHECK(asker.client->pending_bytes() == 20);
  CHECK(server.heard() == login);
  asker.client->flush();
  CHECK(asker.client->pending_bytes() == 0);
  CHECK(server.heard() == login + "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");

  asker.client->command({"GET", "b"});
  asker.client->command({"GET", "c"});
  REQUIRE(run_until(loop, [&] { return server.heard().ends_with("$1\r\nc\r\n"); }));

  const std::string large(std::size_t{65} << 10, 'x');
  asker.client->command({"GET", large});
  CHECK(asker.client->pending_bytes() == 0);  // more than 64 KiB do not wait
}

TEST_CASE("an answer to no question is none of Redis's", "[client]") {
  Loop loop;
  RawServer server;
  Asker asker(loop, url_of(server));
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  server.say("+OK\r\n+PONG\r\n");
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  server.say("+OK\r\n");
  REQUIRE(run_until(loop, [&] { return !asker.downs.empty(); }));
  CHECK(asker.downs.front() == "answers are not Redis's");
}

TEST_CASE("answers may come in pieces, cut anywhere", "[client]") {
  Loop loop;
  RawServer server;
  Asker asker(loop, url_of(server));
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  for (const char c : std::string("+OK\r\n+PONG\r\n")) {
    CHECK_FALSE(asker.client->up());
    server.say({&c, 1});
    run_until(
        loop, [] { return false; }, 2ms);
  }
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  std::string seen;
  asker.client->command({"GET", "a"}, [&](const Reply* reply) { seen += reply->text; });
  asker.client->command({"GET", "b"}, [&](const Reply* reply) { seen += reply->text; });
  asker.client->flush();
  for (const char c : std::string("$5\r\nhello\r\n$6\r\n world\r\n")) {
    server.say({&c, 1});
    run_until(
        loop, [] { return false; }, 2ms);
  }
  REQUIRE(run_until(loop, [&] { return asker.client->unanswered() == 0; }));
  CHECK(seen == "hello world");
}

TEST_CASE("what a halted server does not take is bounded, and answered as lost", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url(), {.unsent = std::size_t{1} << 20});
  REQUIRE(asker.comes_up());
  server.freeze();
  const std::string value(10'000, 'x');
  int lost = 0;
  int answered = 0;
  // 100 MB, where 1 MiB and what the kernel holds may wait.
  for (int i = 0; i < 10'000; ++i)
    asker.client->command({"SET", "key", value},
                          [&](const Reply* reply) { ++(reply == nullptr ? lost : answered); });
  CHECK(lost == 0);  // none before the call has returned
  CHECK(asker.client->pending_bytes() < (std::size_t{2} << 20));
  REQUIRE(run_until(loop, [&] { return !asker.downs.empty(); }));
  CHECK(asker.downs[0].find("it takes too little: ") == 0);
  CHECK(lost == 10'000);
  CHECK(answered == 0);
  CHECK(asker.client->pending_bytes() == 0);
  server.thaw();
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ask({"SET", "key", "after"}) == "OK");
}

TEST_CASE("the next command may be given in an answer", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  int rounds = 0;
  std::function<void(const Reply*)> again = [&](const Reply* reply) {
    REQUIRE(reply != nullptr);
    if (++rounds < 100) asker.client->command({"PING"}, again);
  };
  asker.client->command({"PING"}, again);
  CHECK(run_until(loop, [&] { return rounds == 100; }));
}

TEST_CASE("a replica is given up at the first write, and taken again as a master", "[client]") {
  Loop loop;
  RedisServer server;
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  server.cli("REPLICAOF 127.0.0.1 1");
  CHECK(asker.ask({"GET", "a"}) == "nil");  // who only reads may do so
  std::string story;
  for (int i = 0; i < 2; ++i) {
    asker.client->command({"SET", "a", "1"}, [&](const Reply* reply) {
      story += reply == nullptr ? "lost " : "told ";
    });
  }
  REQUIRE(run_until(loop, [&] { return asker.downs.size() == 3; }));
  CHECK(story == "lost lost ");
  CHECK(asker.ups == 1);
  CHECK(asker.downs ==
        std::vector<std::string>{"READONLY You can't write against a read only replica.",
                                 "it is a replica, which takes no writes",
                                 "it is a replica, which takes no writes"});
  CHECK(asker.waits[2] >= 50ms);
  server.cli("REPLICAOF NO ONE");
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ask({"SET", "a", "1"}) == "OK");
}

TEST_CASE("a server that runs a script for long is away until it is done", "[client]") {
  Loop loop;
  RedisServer server({"--busy-reply-threshold", "1"});
  Asker asker(loop, server.unix_url());
  REQUIRE(asker.comes_up());
  FILE* busy =
      popen(("redis-cli -s " + server.socket_path() + " EVAL 'while true do end' 0 >/dev/null 2>&1")
                .c_str(),
            "r");
  REQUIRE(run_until(loop, [&] {
    if (asker.client->up() && asker.client->unanswered() == 0) asker.client->command({"DBSIZE"});
    return !asker.downs.empty();
  }));
  CHECK(asker.downs.front().starts_with("BUSY Redis is busy running a script."));
  CHECK(server.cli("SCRIPT KILL") == "OK");
  pclose(busy);
  CHECK(run_until(loop, [&] { return asker.client->up(); }));
}
