#include "redis/client.hpp"
#include "support/raw_server.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

namespace {

Address address_of(const std::string& url) {
  auto address = parse_address(url);
  REQUIRE(address);
  return std::move(address).value();
}

std::string url_of(const RawServer& server) {
  return "redis://127.0.0.1:" + std::to_string(server.port());
}

/// A client and what it said about its connection.
struct Heard {
  Loop& loop;
  std::optional<Client> client;
  int ups = 0;
  int drained = 0;
  std::vector<std::string> downs;
  std::vector<loop::Ms> waits;
  std::function<void()> after_up = [] {};
  std::function<void()> after_down = [] {};

  Heard(Loop& on, const std::string& url) : loop(on) {
    client.emplace(loop, address_of(url), "ltp-test",
                   Client::Events{.on_up =
                                      [this] {
                                        ++ups;
                                        after_up();
                                      },
                                  .on_down =
                                      [this](const std::string& why, loop::Ms wait) {
                                        downs.push_back(why);
                                        waits.push_back(wait);
                                        after_down();
                                      },
                                  .on_drained = [this] { ++drained; }});
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
    client->command(words, [&](const Reply* reply) {
      answer = reply == nullptr                       ? "lost"
               : reply->kind == Reply::Kind::kNil     ? "nil"
               : reply->kind == Reply::Kind::kInteger ? std::to_string(reply->integer)
                                                      : std::string(reply->text);
    });
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    return *answer;
  }
};

}  // namespace

TEST_CASE("a client asks over TCP and over a unix socket", "[client]") {
  Loop loop;
  RedisServer server;
  const bool over_tcp = GENERATE(true, false);
  Heard heard(loop, over_tcp ? server.tcp_url() : server.unix_url());
  CHECK_FALSE(heard.client->up());
  REQUIRE(heard.comes_up());
  CHECK(heard.ups == 1);
  CHECK(heard.ask({"SETEX", "price", "30", "1393.4"}) == "OK");
  CHECK(server.cli("GET price") == "1393.4");
  CHECK(heard.ask({"GET", "none"}) == "nil");
  CHECK(heard.ask({"INCR", "count"}) == "1");
  CHECK(heard.ask({"INCR", "price"}) == "ERR value is not an integer or out of range");
  CHECK(heard.ask({"CLIENT", "GETNAME"}) == "ltp-test");
  CHECK(heard.downs.empty());
  CHECK(heard.client->unanswered() == 0);
  heard.client->stop();
  loop.run();  // ends: nothing is left
}

TEST_CASE("words and answers may hold any bytes", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  const std::string_view odd("a\0\r\n\xff\"", 6);
  CHECK(heard.ask({"SET", odd, odd}) == "OK");
  CHECK(heard.ask({"GET", odd}) == odd);
}

TEST_CASE("an array answer has its elements in order", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  heard.client->command({"MSET", "a", "1", "c", "3"});
  std::string seen;
  heard.client->command({"MGET", "a", "b", "c"}, [&](const Reply* reply) {
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
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  int next = 0;
  bool in_order = true;
  for (int i = 0; i < 20'000; ++i) {
    const auto number = std::to_string(i);
    heard.client->command({"ECHO", number}, [&, number](const Reply* reply) {
      in_order = in_order && reply != nullptr && reply->text == number;
      ++next;
    });
  }
  CHECK(heard.client->unanswered() == 20'000);
  REQUIRE(run_until(loop, [&] { return next == 20'000; }));
  CHECK(in_order);
  CHECK(heard.client->unanswered() == 0);
  CHECK(heard.client->pending_bytes() == 0);
}

TEST_CASE("commands gather until the end of the turn, flush sends them at once", "[client]") {
  Loop loop;
  RawServer server;
  Heard heard(loop, url_of(server));
  heard.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return server.heard().ends_with("PING\r\n"); }));
  server.say("+OK\r\n+PONG\r\n");
  REQUIRE(run_until(loop, [&] { return heard.client->up(); }));
  const auto login = server.heard();

  heard.client->command({"GET", "a"});
  CHECK(heard.client->pending_bytes() == 20);
  CHECK(server.heard() == login);
  heard.client->flush();
  CHECK(heard.client->pending_bytes() == 0);
  CHECK(server.heard() == login + "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");

  heard.client->command({"GET", "b"});
  heard.client->command({"GET", "c"});
  REQUIRE(run_until(loop, [&] { return server.heard().ends_with("$1\r\nc\r\n"); }));

  const std::string large(std::size_t{65} << 10, 'x');
  heard.client->command({"GET", large});
  CHECK(heard.client->pending_bytes() == 0);  // more than 64 KiB do not wait
}

TEST_CASE("a client logs in before it is up", "[client]") {
  Loop loop;
  RedisServer server({"--requirepass", "s3 cr@t"});
  server.cli("-a 's3 cr@t' ACL SETUSER feed on '>its own' '~*' '+@all'");

  SECTION("with the password") {
    Heard heard(loop, "redis://:s3%20cr%40t@127.0.0.1:" + std::to_string(server.port()) + "/3");
    REQUIRE(heard.comes_up());
    CHECK(heard.ask({"SET", "k", "v"}) == "OK");
    CHECK(server.cli("-a 's3 cr@t' --no-auth-warning -n 3 GET k") == "v");
  }
  SECTION("with user and password") {
    Heard heard(loop, "unix://feed:its%20own@" + server.socket_path() + "?db=2");
    REQUIRE(heard.comes_up());
    CHECK(heard.ask({"ACL", "WHOAMI"}) == "feed");
    CHECK(heard.ask({"SET", "k", "v"}) == "OK");
    CHECK(server.cli("-a 's3 cr@t' --no-auth-warning -n 2 GET k") == "v");
  }
}

TEST_CASE("Redis's own words tell why a login failed, without the password", "[client]") {
  struct Case {
    const char* why;
    std::vector<std::string> options;
    const char* login;
    const char* db;
    const char* reason;
  };
  const auto c = GENERATE(values<Case>({
      {"no password given", {"--requirepass", "secret"}, "", "", "NOAUTH Authentication required."},
      {"a wrong password",
       {"--requirepass", "secret"},
       ":guess@",
       "",
       "WRONGPASS invalid username-password pair or user is disabled."},
      {"a user that is none",
       {},
       "nobody:guess@",
       "",
       "WRONGPASS invalid username-password pair or user is disabled."},
      {"a password where none is set",
       {},
       ":guess@",
       "",
       "ERR AUTH <password> called without any password configured for the default user. Are you "
       "sure your configuration is correct?"},
      {"no such database", {}, "", "?db=99", "ERR DB index is out of range"},
      {"a server that knows no AUTH and repeats what it heard",
       {"--rename-command", "AUTH", ""},
       ":guess@",
       "",
       "ERR unknown command 'AUTH'"},
  }));
  INFO(c.why);
  Loop loop;
  RedisServer server(c.options);
  Heard heard(loop, std::string("unix://") + c.login + server.socket_path() + c.db);
  CHECK(heard.goes_down() == c.reason);
  CHECK(heard.ups == 0);
  CHECK(heard.waits.front() >= 50ms);
  CHECK(heard.waits.front() <= 100ms);
}

TEST_CASE("a password that a server repeats is not passed on", "[client]") {
  Loop loop;
  RawServer server;
  Heard heard(loop, "redis://:hunter2@127.0.0.1:" + std::to_string(server.port()));
  heard.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  server.say("-ERR no hunter2, not hunter2hunter2\x1b[31m here\r\n");
  CHECK(heard.goes_down() == "ERR no ..., not ......\\x1b[31m here");
}

TEST_CASE("a user who may do little is up all the same", "[client]") {
  Loop loop;
  RedisServer server;
  server.cli("ACL SETUSER cache on '>p' '~*' -@all +setex");
  Heard heard(loop, "unix://cache:p@" + server.socket_path());
  REQUIRE(heard.comes_up());
  CHECK(heard.ask({"SETEX", "k", "30", "v"}) == "OK");
  CHECK(heard.ask({"GET", "k"}).starts_with("NOPERM "));
  CHECK(heard.downs.empty());
}

TEST_CASE("a Redis that takes no more clients says so", "[client]") {
  Loop loop;
  RedisServer server({"--maxclients", "1"});
  Heard first(loop, server.unix_url());
  REQUIRE(first.comes_up());
  const bool over_tcp = GENERATE(true, false);
  Heard second(loop, over_tcp ? server.tcp_url() : server.unix_url());
  CHECK(second.goes_down() == "ERR max number of clients reached");
}

TEST_CASE("a Redis that is loading is down until it has loaded", "[client]") {
  Loop loop;
  // Every key costs the loading server 10 ms, and it looks up from its work each KiB.
  RedisServer server;
  std::string keys;
  for (int i = 0; i < 100; ++i) keys += " key" + std::to_string(i) + " " + std::string(600, 'x');
  server.cli("MSET" + keys);
  REQUIRE(server.cli("SAVE") == "OK");
  server.stop();
  server.start({"--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024",
                "--rdbcompression", "no"});
  Heard heard(loop, server.unix_url());
  CHECK(heard.goes_down() == "LOADING Redis is loading the dataset in memory");
  CHECK(heard.comes_up());
  CHECK(heard.ask({"DBSIZE"}) == "100");
}

TEST_CASE("what is no Redis is down and tried again", "[client]") {
  const auto answer = GENERATE(values<std::string>({
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "220 mail.example ESMTP\r\n",
  }));
  Loop loop;
  RawServer server;
  Heard heard(loop, url_of(server));
  heard.client->start();
  for (int tries = 1; tries <= 3; ++tries) {
    REQUIRE(run_until(loop, [&] { return server.accept(); }));
    server.say(answer);
    REQUIRE(run_until(loop, [&] { return static_cast<int>(heard.downs.size()) == tries; }));
    CHECK(heard.downs.back() == "answers are not Redis's");
  }
  CHECK(heard.ups == 0);
  CHECK(heard.waits[2] >= 200ms);  // 100, 200, 400, each at least half of it
}

TEST_CASE("an answer to no question is none of Redis's", "[client]") {
  Loop loop;
  RawServer server;
  Heard heard(loop, url_of(server));
  heard.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  server.say("+OK\r\n+PONG\r\n");
  REQUIRE(run_until(loop, [&] { return heard.client->up(); }));
  server.say("+OK\r\n");
  REQUIRE(run_until(loop, [&] { return !heard.downs.empty(); }));
  CHECK(heard.downs.front() == "answers are not Redis's");
}

TEST_CASE("answers may come in pieces, cut anywhere", "[client]") {
  Loop loop;
  RawServer server;
  Heard heard(loop, url_of(server));
  heard.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  for (const char c : std::string("+OK\r\n+PONG\r\n")) {
    CHECK_FALSE(heard.client->up());
    server.say({&c, 1});
    run_until(
        loop, [] { return false; }, 2ms);
  }
  REQUIRE(run_until(loop, [&] { return heard.client->up(); }));
  std::string seen;
  heard.client->command({"GET", "a"}, [&](const Reply* reply) { seen += reply->text; });
  heard.client->command({"GET", "b"}, [&](const Reply* reply) { seen += reply->text; });
  heard.client->flush();
  for (const char c : std::string("$5\r\nhello\r\n$6\r\n world\r\n")) {
    server.say({&c, 1});
    run_until(
        loop, [] { return false; }, 2ms);
  }
  REQUIRE(run_until(loop, [&] { return heard.client->unanswered() == 0; }));
  CHECK(seen == "hello world");
}

TEST_CASE("a Redis that is away is tried for again, later each time", "[client]") {
  Loop loop;
  RedisServer server;
  server.stop();
  Heard heard(loop, server.tcp_url());
  heard.client->start();
  REQUIRE(run_until(loop, [&] { return heard.downs.size() == 3; }));
  CHECK(heard.downs == std::vector<std::string>(3, "Connection refused"));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto step = 100ms * (1 << i);
    CHECK(heard.waits[i] >= step / 2);
    CHECK(heard.waits[i] <= step);
  }
  CHECK_FALSE(heard.client->up());
  server.start();
  CHECK(run_until(loop, [&] { return heard.client->up(); }));
  CHECK(heard.ask({"PING"}) == "PONG");
}

TEST_CASE("a connection that breaks answers every question once, then is down", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  std::string story;
  server.freeze();
  for (const char* name : {"a", "b", "c"}) {
    heard.client->command({"SET", name, "1"}, [&story, name](const Reply* reply) {
      story += std::string(name) + (reply == nullptr ? " lost " : " answered ");
    });
  }
  heard.client->command({"SET", "d", "1"});  // nobody waits for this one
  heard.client->flush();
  heard.after_down = [&] { story += "down"; };
  server.stop();
  REQUIRE(run_until(loop, [&] { return !heard.downs.empty(); }));
  CHECK(story == "a lost b lost c lost down");
  CHECK(heard.client->unanswered() == 0);
  CHECK(heard.client->pending_bytes() == 0);
  CHECK_FALSE(heard.client->up());

  heard.after_down = [] {};
  server.start();
  REQUIRE(run_until(loop, [&] { return heard.client->up(); }));
  CHECK(heard.ups == 2);
  CHECK(heard.ask({"DBSIZE"}) == "0");  // nothing was sent twice
}

TEST_CASE("a client that comes back logs in anew", "[client]") {
  Loop loop;
  RedisServer server({"--requirepass", "p"});
  Heard heard(loop, "unix://:p@" + server.socket_path() + "?db=5");
  REQUIRE(heard.comes_up());
  server.stop();
  REQUIRE(run_until(loop, [&] { return !heard.client->up(); }));
  server.start();
  REQUIRE(run_until(loop, [&] { return heard.client->up(); }));
  CHECK(heard.ask({"SET", "k", "v"}) == "OK");
  CHECK(server.cli("-a p --no-auth-warning -n 5 GET k") == "v");
}

TEST_CASE("what Redis does not take waits, and on_drained tells when it is out", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  server.freeze();
  const std::string value(std::size_t{64} << 10, 'x');
  for (int i = 0; i < 100; ++i) heard.client->command({"SET", "k" + std::to_string(i), value});
  CHECK(heard.client->pending_bytes() > 0);
  CHECK(heard.drained == 0);
  server.thaw();
  REQUIRE(run_until(loop, [&] { return heard.drained > 0; }));
  CHECK(heard.client->pending_bytes() == 0);
  REQUIRE(run_until(loop, [&] { return heard.client->unanswered() == 0; }));
  CHECK(server.cli("DBSIZE") == "100");
  CHECK(heard.drained == 1);
}

TEST_CASE("stop is silent and for good", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  bool called = false;

  SECTION("before the connection is up") {
    heard.client->start();
    heard.client->stop();
    loop.run();
    CHECK(heard.ups == 0);
  }
  SECTION("with questions unanswered") {
    REQUIRE(heard.comes_up());
    heard.client->command({"GET", "a"}, [&](const Reply*) { called = true; });
    heard.client->stop();
    CHECK_FALSE(heard.client->up());
    CHECK(heard.client->unanswered() == 0);
    loop.run();
  }
  SECTION("while it waits for the next try") {
    server.stop();
    CHECK_FALSE(heard.goes_down().empty());
    heard.downs.clear();
    heard.client->stop();
    loop.run();
  }
  CHECK_FALSE(called);
  CHECK(heard.downs.empty());
}

TEST_CASE("a stopped client may be started again", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  heard.client->stop();
  REQUIRE(heard.comes_up());
  CHECK(heard.ask({"PING"}) == "PONG");
}

TEST_CASE("a client may be stopped or destroyed in each of its callbacks", "[client]") {
  const bool destroy = GENERATE(true, false);
  const std::string where = GENERATE("up", "reply", "lost", "down");
  CAPTURE(destroy, where);
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  std::string story;
  const auto end_here = [&](const std::string& place) {
    story += place + " ";
    if (place != where) return;
    destroy ? heard.client.reset() : heard.client->stop();
  };
  heard.after_up = [&] {
    end_here("up");
    if (where == "up") return;
    for (int i = 0; i < 2; ++i) {
      heard.client->command(
          {"PING"}, [&](const Reply* reply) { end_here(reply == nullptr ? "lost" : "reply"); });
    }
    heard.client->flush();
    if (where == "lost" || where == "down") server.stop();
  };
  heard.after_down = [&] { end_here("down"); };
  if (where == "lost" || where == "down") {
    // Frozen before it can answer the two: the login's answers have been sent by then.
    heard.after_up = [&, up = heard.after_up] {
      server.freeze();
      up();
    };
  }
  heard.client->start();
  loop.run();  // ends: nothing is left
  CHECK(story == (where == "up"      ? "up "
                  : where == "reply" ? "up reply "
                  : where == "lost"  ? "up lost "
                                     : "up lost lost down "));
}

TEST_CASE("the next command may be given in an answer", "[client]") {
  Loop loop;
  RedisServer server;
  Heard heard(loop, server.unix_url());
  REQUIRE(heard.comes_up());
  int rounds = 0;
  std::function<void(const Reply*)> again = [&](const Reply* reply) {
    REQUIRE(reply != nullptr);
    if (++rounds < 100) heard.client->command({"PING"}, again);
  };
  heard.client->command({"PING"}, again);
  CHECK(run_until(loop, [&] { return rounds == 100; }));
}
