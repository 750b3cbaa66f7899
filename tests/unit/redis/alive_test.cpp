#include "asker.hpp"
#include "redis/subscriber.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace ltp;
using namespace ltp::redis;
using loop::Loop;

namespace {

constexpr Limits kShort{.silence = 1s};

struct Listener {
  std::vector<std::string> downs;
  int heard = 0;
  Subscriber subscriber;

  Listener(Loop& loop, const RedisServer& server)
      : subscriber(loop, address_of(server.unix_url()), "listener", "ticks",
                   {.on_up = [] {},
                    .on_message = [this](std::string_view) { ++heard; },
                    .on_dry = [this] { ++heard; },
                    .on_down = [this](const std::string& why, loop::Ms) { downs.push_back(why); }},
                   kShort) {
    subscriber.start();
  }
};

}  // namespace

TEST_CASE("the limits are those of the manual", "[alive]") {
  CHECK(Limits{}.connect == 5s);
  CHECK(Limits{}.silence == 5s);
  CHECK(Limits{}.role_every + Limits{}.role_answer == 5s);
  CHECK(Limits{}.sentinel == 2s);
  CHECK(Limits{}.first_retry == 100ms);
  CHECK(Limits{}.last_retry == 800ms);
}

// One test, because each part of it takes its time. A fifth of what the manual says.
TEST_CASE("a quiet Redis is left alone, one that falls silent is given up", "[alive]") {
  Loop loop;
  RedisServer server;
  Asker asking(loop, server.unix_url(), kShort);
  asking.client->start();
  Asker idle(loop, server.unix_url(), kShort);
  idle.client->start();
  Listener listener(loop, server);
  const auto all_up = [&] {
    return asking.client->up() && idle.client->up() && listener.subscriber.up();
  };
  REQUIRE(run_until(loop, all_up));

  // Something comes, if slowly: that is not silence.
  RawServer slow;
  Asker patient(loop, url_of(slow), kShort);
  patient.client->start();
  REQUIRE(run_until(loop, [&] { return slow.accept(); }));
  slow.say("+OK\r\n+PONG\r\n");
  REQUIRE(run_until(loop, [&] { return patient.client->up(); }));
  patient.client->command({"GET", "a"});
  slow.say("$100\r\n");
  loop::Timer trickle(loop, [&] { slow.say("x"); });
  trickle.start(100ms, 100ms);

  // Two rounds of ping and pong, of which nobody hears.
  CHECK_FALSE(run_until(
      loop, [&] { return !all_up(); }, 2200ms));
  trickle.stop();
  CHECK(patient.downs.empty());
  CHECK(patient.client->unanswered() == 1);
  patient.client->stop();
  CHECK(idle.client->unanswered() == 0);
  CHECK(listener.heard == 0);

  server.freeze();
  const auto frozen = std::chrono::steady_clock::now();
  const auto since = [&] { return std::chrono::steady_clock::now() - frozen; };
  bool lost = false;
  asking.client->command({"GET", "a"}, [&](const Reply* reply) { lost = reply == nullptr; });
  Asker newcomer(loop, server.unix_url(), kShort);  // connects, but is never answered
  newcomer.client->start();
  REQUIRE(run_until(loop, [&] { return lost && !newcomer.downs.empty(); }));
  CHECK(since() > 800ms);
  CHECK(since() < 3s);
  CHECK(asking.downs == std::vector<std::string>{"no answer within 1 s"});
  CHECK(newcomer.downs == std::vector<std::string>{"no answer within 1 s"});

  REQUIRE(run_until(loop, [&] { return !idle.downs.empty() && !listener.downs.empty(); }));
  CHECK(since() < 4s);
  CHECK(idle.downs.front() == "no answer within 1 s");
  CHECK(listener.downs.front() == "no answer within 1 s");

  server.thaw();
  CHECK(run_until(loop, [&] { return all_up() && newcomer.client->up(); }));
}
