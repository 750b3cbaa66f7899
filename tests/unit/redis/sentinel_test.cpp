#include "support/sentinel_server.hpp"

#include "asker.hpp"
#include "redis/subscriber.hpp"

#include <catch2/catch.hpp>

#include <list>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

namespace {

/// A sentinel that says what a test wants, true or not.
class Told {
 public:
  /// `answer` to the question where the master is.
  Told(Loop& loop, std::string answer)
      : answer_(std::move(answer)), timer_(loop, [this] {
          if (server_.accept()) server_.say("+OK\r\n+PONG\r\n" + answer_);
        }) {
    timer_.start(1ms, 1ms);
  }
  Told(Loop& loop, std::uint16_t master) : Told(loop, place("127.0.0.1", master)) {}

  static std::string place(const std::string& host, std::uint16_t port) {
    return "*2\r\n" + bulk(host) + bulk(std::to_string(port)) +
           "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n";
  }
  void tell_of_move(const std::string& service, std::uint16_t to) {
    answer_ = place("127.0.0.1", to);
    server_.say("*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n" +
                bulk(service + " 127.0.0.1 1 127.0.0.1 " + std::to_string(to)));
  }
  void now_says(std::uint16_t master) { answer_ = place("127.0.0.1", master); }

  std::string place() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  int asked() const { return server_.accepted(); }
  RawServer& server() { return server_; }

 private:
  static std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }

  std::string answer_;
  RawServer server_;
  loop::Timer timer_;
};

std::string at(const RedisServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

std::string by(const std::vector<std::string>& sentinels, const std::string& more = "") {
  std::string url = "redis+sentinel://";
  for (const auto& one : sentinels) url += one + (&one == &sentinels.back() ? "" : ",");
  return url + "/main" + more;
}

std::string nobody_there() {
  RawServer server;
  return "127.0.0.1:" + std::to_string(server.port());
}

/// Hears "ticks", and forgets what it heard when asked.
struct Ear {
  std::string heard;
  int ups = 0;
  Subscriber subscriber;

  Ear(Loop& loop, const std::string& url)
      : subscriber(loop, address_of(url), "ear", "ticks",
                   {.on_up = [this] { ++ups; },
                    .on_message = [this](std::string_view payload) { heard += payload; },
                    .on_dry = {},
                    .on_down = {}}) {
    subscriber.start();
  }
};

}  // namespace

TEST_CASE("a client asks a sentinel and follows it to the master", "[sentinel]") {
  Loop loop;
  RedisServer server({"--requirepass", "p"});
  const std::string host = GENERATE("127.0.0.1", "localhost");
  Told sentinel(loop, Told::place(host, server.port()));
  auto url = by({sentinel.place()}, "/3");
  url.insert(url.find("//") + 2, ":p@");
  Asker asker(loop, url);
  REQUIRE(asker.comes_up());
  CHECK(asker.ask({"SET", "k", "v"}) == "OK");
  CHECK(server.cli("-a p --no-auth-warning -n 3 GET k") == "v");
  CHECK(sentinel.server().heard() ==
        "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$8\r\nltp-test\r\n*1\r\n$4\r\nPING\r\n"
        "*3\r\n$8\r\nSENTINEL\r\n$23\r\nGET-MASTER-ADDR-BY-NAME\r\n$4\r\nmain\r\n"
        "*2\r\n$9\r\nSUBSCRIBE\r\n$14\r\n+switch-master\r\n");
}

TEST_CASE("a sentinel that is of no use is passed over for the next", "[sentinel]") {
  Loop loop;
  RedisServer server;
  struct Case {
    const char* why;
    const char* answer;
  };
  const auto c = GENERATE(values<Case>({
      {"is no Redis", "HTTP/1.1 400 Bad Request\r\n\r\n"},
      {"knows no such master", "*-1\r\n"},
      {"knows no such master, in the words of others", "$-1\r\n"},
      {"refuses", "-NOAUTH Authentication required.\r\n"},
      {"is an ordinary Redis", "-ERR unknown command `SENTINEL`\r\n"},
      {"names no host", "*2\r\n$0\r\n\r\n$4\r\n6379\r\n"},
      {"names no port", "*2\r\n$1\r\na\r\n$1\r\n0\r\n"},
      {"names a port that is none", "*2\r\n$1\r\na\r\n$5\r\n65536\r\n"},
      {"names a port with more", "*2\r\n$1\r\na\r\n$2\r\n1 \r\n"},
      {"tells too little", "*1\r\n$1\r\na\r\n"},
      {"answers with a number", ":1\r\n"},
  }));
  INFO(c.why);
  Told useless(loop, std::string(c.answer));
  Told good(loop, server.port());
  Asker asker(loop, by({nobody_there(), useless.place(), good.place()}));
  REQUIRE(asker.comes_up());
  CHECK(asker.downs.empty());
  CHECK(useless.asked() == 1);
}

TEST_CASE("a sentinel that is silent is passed over in time", "[sentinel]") {
  Loop loop;
  RedisServer server;
  RawServer silent;
  Told good(loop, server.port());
  const Limits limits{.sentinel = 500ms};
  Asker asker(loop, by({"127.0.0.1:" + std::to_string(silent.port()), good.place()}), limits);
  asker.client->start();
  REQUIRE(run_until(
      loop, [&] { return asker.client->up(); }, 4s));
  CHECK(asker.downs.empty());
}

TEST_CASE("when no sentinel can tell, it is said why, and asked again", "[sentinel]") {
  Loop loop;
  RedisServer server;
  Told late(loop, std::string("*-1\r\n"));
  const auto nobody = nobody_there();
  Asker asker(loop, by({nobody, late.place()}));
  asker.client->start();
  REQUIRE(run_until(loop, [&] { return asker.downs.size() == 2; }));
  CHECK(asker.downs.front() == "sentinel " + late.place() + ": it knows no master named main");
  CHECK(asker.waits[1] >= 50ms);
  late.now_says(server.port());
  CHECK(run_until(loop, [&] { return asker.client->up(); }));
}

TEST_CASE("a sentinel that points to a replica is not believed; the next is asked", "[sentinel]") {
  Loop loop;
  RedisServer master;
  RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
  Told liar(loop, replica.port());
  Told good(loop, master.port());
  Asker asker(loop, by({liar.place(), good.place()}));
  REQUIRE(asker.comes_up());
  CHECK(asker.downs ==
        std::vector<std::string>{at(replica) + ": it is a replica, which takes no writes"});
  CHECK(asker.ask({"SET", "k", "v"}) == "OK");
}

TEST_CASE("a master that is demoted without a word is left in time", "[sentinel]") {
  Loop loop;
  RedisServer first;
  RedisServer second;
  Told sentinel(loop, first.port());
  const Limits limits{.role_every = 200ms, .role_answer = 2s};
  Asker asker(loop, by({sentinel.place()}), limits);
  REQUIRE(asker.comes_up());
  CHECK_FALSE(run_until(
      loop, [&] { return !asker.downs.empty(); }, 600ms));  // three questions, well answered
  first.cli("REPLICAOF 127.0.0.1 " + std::to_string(second.port()));
  sentinel.now_says(second.port());
  REQUIRE(run_until(
      loop, [&] { return !asker.downs.empty(); }, 2s));
  CHECK(asker.downs.front() == at(first) + ": it is a replica, which takes no writes");
  REQUIRE(run_until(loop, [&] { return asker.client->up(); }));
  CHECK(asker.ask({"PUBLISH", "ticks", "x"}) == "0");
  CHECK(second.cli("INFO commandstats").find("cmdstat_publish:calls=1") != std::string::npos);
}

TEST_CASE("a master that does not tell its role is left in time", "[sentinel]") {
  Loop loop;
  RedisServer server;
  Told sentinel(loop, server.port());
  const Limits limits{.role_every = 100ms, .role_answer = 200ms};
  Asker asker(loop, by({sentinel.place()}), limits);
  REQUIRE(asker.comes_up());
  server.freeze();
  REQUIRE(run_until(
      loop, [&] { return !asker.downs.empty(); }, 4s));
  CHECK(asker.downs.front() == at(server) + ": no answer to ROLE in time");
}

TEST_CASE("who may not ask for the role is told so", "[sentinel]") {
  Loop loop;
  RedisServer server;
  server.cli("ACL SETUSER cache on '>its own' '~*' -@all +setex +ping +client");
  Told sentinel(loop, server.port());
  auto url = by({sentinel.place()});
  url.insert(url.find("//") + 2, "cache:its%20own@");
  Asker asker(loop, url);
  CHECK(asker.goes_down() ==
        at(server) + ": NOPERM this user has no permissions to run the 'role' command");
}

TEST_CASE("client and subscriber go where a sentinel says the master has moved", "[sentinel]") {
  Loop loop;
  RedisServer first;
  RedisServer second;
  Told for_asker(loop, first.port());
  Told for_ear(loop, first.port());
  Asker asker(loop, by({for_asker.place()}));
  Ear ear(loop, by({for_ear.place()}));
  REQUIRE(asker.comes_up());
  REQUIRE(run_until(loop, [&] { return ear.subscriber.up(); }));
  REQUIRE(run_until(loop, [&] {
    return for_asker.server().heard().ends_with("+switch-master\r\n") &&
           for_ear.server().heard().ends_with("+switch-master\r\n");
  }));

  for_asker.tell_of_move("other", second.port());  // not ours
  for_asker.tell_of_move("main", first.port());    // no news
  CHECK(asker.ask({"PING"}) == "PONG");
  CHECK(asker.downs.empty());

  for_asker.tell_of_move("main", second.port());
  for_ear.tell_of_move("main", second.port());
  REQUIRE(run_until(loop, [&] { return asker.ups == 2 && ear.ups == 2; }));
  CHECK(asker.downs == std::vector<std::string>{at(first) + ": the master is now " + at(second)});
  CHECK(asker.ask({"PUBLISH", "ticks", "x"}) == "1");
  CHECK(run_until(loop, [&] { return ear.heard == "x"; }));
}

TEST_CASE("a move that no sentinel was there to tell of is learnt from the next", "[sentinel]") {
  Loop loop;
  RedisServer first;
  RedisServer second;
  Told sentinel(loop, first.port());
  Told other(loop, second.port());
  Ear ear(loop, by({sentinel.place(), other.place()}));
  REQUIRE(run_until(loop, [&] { return ear.subscriber.up(); }));
  sentinel.server().hang_up();
  REQUIRE(run_until(loop, [&] { return ear.ups == 2; }));
  CHECK(second.cli("PUBLISH ticks x") == "1");
  CHECK(first.cli("PUBLISH ticks x") == "0");
}

TEST_CASE("a sentinel has a login of its own, and its password stays in", "[sentinel]") {
  Loop loop;
  RedisServer server;
  SentinelServer sentinel(server.port(), "requirepass hunter2");
  const auto place = "127.0.0.1:" + std::to_string(sentinel.port());
  REQUIRE(run_until(loop, [&] { return sentinel.cli("-a hunter2 PING").ends_with("PONG"); }));
  SECTION("right") {
    const std::string user = GENERATE("", "&sentinel_user=default");
    Asker asker(loop, by({place}, "?sentinel_password=hunter2" + user));
    CHECK(asker.comes_up());
  }
  SECTION("none") {
    Asker asker(loop, by({place}));
    CHECK(asker.goes_down() == "sentinel " + place + ": NOAUTH Authentication required.");
  }
  SECTION("wrong") {
    Asker asker(loop, by({place}, "?sentinel_password=hunter3"));
    CHECK(asker.goes_down() == "sentinel " + place +
                                   ": WRONGPASS invalid username-password pair or user is "
                                   "disabled.");
  }
}

TEST_CASE("a sentinel that refuses a ping tells of moves all the same", "[sentinel]") {
  Loop loop;
  RedisServer first;
  RedisServer second;
  Told sentinel(loop, first.port());
  Asker asker(loop, by({sentinel.place()}), {.sentinel = 200ms});
  REQUIRE(asker.comes_up());
  std::size_t read = sentinel.server().heard().find("SUBSCRIBE");
  int refused = 0;
  loop::Timer refuse(loop, [&] {
    const auto at = sentinel.server().heard().find("PING", read);
    if (at == std::string::npos) return;
    read = at + 4;
    ++refused;
    sentinel.server().say("-NOPERM this user has no permissions to run the 'ping' command\r\n");
  });
  refuse.start(1ms, 1ms);
  REQUIRE(run_until(loop, [&] { return refused == 3; }));
  CHECK(sentinel.asked() == 1);
  sentinel.tell_of_move("main", second.port());
  REQUIRE(run_until(loop, [&] { return asker.ups == 2; }));
  CHECK(asker.ask({"SET", "k", "v"}) == "OK");
  CHECK(second.cli("GET k") == "v");
}

TEST_CASE("a client by sentinels may be stopped or destroyed in its callbacks", "[sentinel]") {
  const bool destroy = GENERATE(true, false);
  const std::string where = GENERATE("up", "down", "before");
  CAPTURE(destroy, where);
  Loop loop;
  RedisServer server;
  {
    Told sentinel(loop, server.port());
    Asker asker(loop, by({where == "down" ? nobody_there() : sentinel.place()}));
    bool ended = false;
    const auto end = [&] {
      destroy ? asker.client.reset() : asker.client->stop();
      ended = true;
    };
    if (where == "up") asker.after_up = end;
    if (where == "down") asker.after_down = end;
    asker.client->start();
    if (where == "before") end();
    CHECK(run_until(loop, [&] { return ended; }));
  }
  loop.run();  // ends: nothing is left
}

TEST_CASE("three sentinels, a failover: data flows again at the new master", "[sentinel]") {
  Loop loop;
  RedisServer first;
  RedisServer second({"--replicaof", "127.0.0.1 " + std::to_string(first.port())});
  REQUIRE(run_until(loop, [&] {
    return second.cli("INFO replication").find("master_link_status:up") != std::string::npos;
  }));
  std::list<SentinelServer> sentinels;
  std::vector<std::string> places;
  for (int i = 0; i < 3; ++i) {
    places.push_back("127.0.0.1:" + std::to_string(sentinels.emplace_back(first.port()).port()));
  }
  for (const auto& one : sentinels) {
    REQUIRE(run_until(loop, [&] { return one.cli("PING") == "PONG"; }));
    one.cli("SENTINEL DEBUG hello-period 200 publish-period 200 info-period 500 ask-period 100");
  }
  const auto ready = [&] {
    for (const auto& one : sentinels) {
      if (one.cli("SENTINEL CKQUORUM main").find("OK 3 usable") != 0) return false;
      if (one.cli("SENTINEL REPLICAS main").find(std::to_string(second.port())) ==
          std::string::npos)
        return false;
    }
    return true;
  };
  REQUIRE(run_until(loop, ready));

  Asker asker(loop, by(places));
  Ear ear(loop, by({places[1], places[2], places[0]}));
  REQUIRE(asker.comes_up());
  REQUIRE(run_until(loop, [&] { return ear.subscriber.up(); }));
  CHECK(asker.ask({"SET", "k", "1"}) == "OK");

  sentinels.front().stop();  // the one that the client listens to
  first.stop();
  REQUIRE(run_until(loop, [&] { return asker.ups >= 2 && ear.ups >= 2; }));
  CHECK(asker.ask({"SET", "k", "2"}) == "OK");
  CHECK(second.cli("GET k") == "2");
  CHECK(asker.ask({"PUBLISH", "ticks", "x"}) == "1");
  CHECK(run_until(loop, [&] { return ear.heard == "x"; }));
}
