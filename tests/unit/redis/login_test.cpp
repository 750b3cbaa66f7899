#include "asker.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

TEST_CASE("a client logs in before it is up", "[login]") {
  Loop loop;
  RedisServer server({"--requirepass", "s3 cr@t"});
  server.cli("-a 's3 cr@t' ACL SETUSER feed on '>its own' '~*' '+@all'");

  SECTION("with the password") {
    Asker asker(loop, "redis://:s3%20cr%40t@127.0.0.1:" + std::to_string(server.port()) + "/3");
    REQUIRE(asker.comes_up());
    CHECK(asker.ask({"SET", "k", "v"}) == "OK");
    CHECK(server.cli("-a 's3 cr@t' --no-auth-warning -n 3 GET k") == "v");
  }
  SECTION("with user and password") {
    Asker asker(loop, "unix://feed:its%20own@" + server.socket_path() + "?db=2");
    REQUIRE(asker.comes_up());
    CHECK(asker.ask({"ACL", "WHOAMI"}) == "feed");
    CHECK(asker.ask({"SET", "k", "v"}) == "OK");
    CHECK(server.cli("-a 's3 cr@t' --no-auth-warning -n 2 GET k") == "v");
  }
}

TEST_CASE("Redis's own words tell why a login failed, without the password", "[login]") {
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
  Asker asker(loop, std::string("unix://") + c.login + server.socket_path() + c.db);
  CHECK(asker.goes_down() == c.reason);
  CHECK(asker.ups == 0);
  CHECK(asker.waits.front() >= 50ms);
  CHECK(asker.waits.front() <= 100ms);
}

TEST_CASE("a password that a server repeats is not passed on", "[login]") {
  Loop loop;
  RawServer server;
  Asker asker(loop, "redis://:hunter2@127.0.0.1:" + std::to_string(server.port()));
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  server.say("-ERR no hunter2, not hunter2hunter2\x1b[31m here\r\n");
  CHECK(asker.goes_down() == "ERR no ..., not ......\\x1b[31m here");
}

TEST_CASE("a user who may do little is up all the same", "[login]") {
  Loop loop;
  RedisServer server;
  server.cli("ACL SETUSER cache on '>p' '~*' -@all +setex");
  Asker asker(loop, "unix://cache:p@" + server.socket_path());
  REQUIRE(asker.comes_up());
  CHECK(asker.ask({"SETEX", "k", "30", "v"}) == "OK");
  CHECK(asker.ask({"GET", "k"}).starts_with("NOPERM "));
  CHECK(asker.downs.empty());
}

TEST_CASE("a Redis that takes no more clients says so", "[login]") {
  Loop loop;
  RedisServer server({"--maxclients", "1"});
  Asker first(loop, server.unix_url());
  REQUIRE(first.comes_up());
  const bool over_tcp = GENERATE(true, false);
  Asker second(loop, over_tcp ? server.tcp_url() : server.unix_url());
  CHECK(second.goes_down() == "ERR max number of clients reached");
}

TEST_CASE("a Redis that is loading is down until it has loaded", "[login]") {
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
  Asker asker(loop, server.unix_url());
  CHECK(asker.goes_down() == "LOADING Redis is loading the dataset in memory");
  CHECK(asker.comes_up());
  CHECK(asker.ask({"DBSIZE"}) == "100");
}

TEST_CASE("what is no Redis is down and tried again", "[login]") {
  const auto answer = GENERATE(values<std::string>({
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "220 mail.example ESMTP\r\n",
  }));
  Loop loop;
  RawServer server;
  Asker asker(loop, url_of(server));
  asker.client->start();
  for (int tries = 1; tries <= 3; ++tries) {
    REQUIRE(run_until(loop, [&] { return server.accept(); }));
    server.say(answer);
    REQUIRE(run_until(loop, [&] { return static_cast<int>(asker.downs.size()) == tries; }));
    CHECK(asker.downs.back() == "answers are not Redis's");
  }
  CHECK(asker.ups == 0);
  CHECK(asker.waits[2] >= 50ms);
}
