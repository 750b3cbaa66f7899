#include "quotes/slot.hpp"

#include "redis/client.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

using namespace ltp;
using quotes::Slot;

namespace {

/// A process of the account.
struct Process {
  explicit Process(loop::Loop& on, const std::string& url)
      : loop(on), redis(on, redis::parse_address(url).value(), "test", {}) {
    redis.start();
    REQUIRE(run_until(loop, [&] { return redis.up(); }));
  }
  loop::Ms take() {
    std::optional<loop::Ms> wait;
    slot.take([&](loop::Ms told) { wait = told; });
    REQUIRE(run_until(loop, [&] { return wait.has_value(); }));
    return *wait;
  }
  loop::Loop& loop;
  redis::Client redis;
  Slot slot{&redis, "1000000001"};
};

constexpr auto kKeys = "KEYS ltp_quotes:*";

}  // namespace

TEST_CASE("one process of an account has the turn", "[quotes][slot]") {
  RedisServer server;
  loop::Loop loop;
  Process a(loop, server.unix_url());
  Process b(loop, server.unix_url());
  CHECK(a.take() == loop::Ms{0});
  const auto wait = b.take();
  CHECK(wait > loop::Ms{0});
  CHECK(wait <= Slot::kEvery + Slot::kYield);
  CHECK(a.take() > loop::Ms{0});  // nor has the same one again
  // FNV-1a of "1000000001", worked out elsewhere; the id itself is in no name.
  const auto name = server.cli(kKeys);
  CHECK(name == "ltp_quotes:69eeffd7d7dff857");
  int turns = 0;
  REQUIRE(run_until(loop, [&] {
    if (turns == 0) b.slot.take([&](loop::Ms told) { turns += told == loop::Ms{0}; });
    return turns > 0;
  }));
  CHECK(turns == 1);
}

TEST_CASE("who had the turn lets the others go first", "[quotes][slot]") {
  RedisServer server;
  loop::Loop loop;
  std::string turns;
  // It asks for the next turn as soon as it may, without end, as a busy server does.
  struct Greedy {
    Greedy(loop::Loop& on, const std::string& url, char name, std::string& turns)
        : process(on, url), again(on, [this, name, &turns] {
            process.slot.take([this, name, &turns](loop::Ms wait) {
              if (wait == loop::Ms{0}) turns.push_back(name);
              again.start(std::max(wait, loop::Ms{1}));
            });
          }) {}
    Process process;
    loop::Timer again;
  };
  Greedy a(loop, server.unix_url(), 'a', turns);
  Greedy b(loop, server.unix_url(), 'b', turns);
  Greedy c(loop, server.unix_url(), 'c', turns);
  Greedy d(loop, server.unix_url(), 'd', turns);
  for (auto* greedy : {&a, &b, &c, &d}) greedy->again.start(loop::Ms{0});
  REQUIRE(run_until(loop, [&] { return turns.size() >= 5; }));
  INFO(turns);
  for (const char name : {'a', 'b', 'c', 'd'}) CHECK(turns.find(name) != std::string::npos);
}

TEST_CASE("a turn of which we hear late begins when we hear of it", "[quotes][slot]") {
  RedisServer server;
  loop::Loop loop;
  Process a(loop, server.unix_url());
  Process b(loop, server.unix_url());
  const auto hear_after = [&](std::chrono::milliseconds time) {
    std::optional<loop::Ms> wait;
    a.slot.take([&](loop::Ms told) { wait = told; });
    a.redis.flush();
    std::this_thread::sleep_for(time);
    REQUIRE(run_until(loop, [&] { return wait.has_value() && a.redis.unanswered() == 0; }));
    return *wait;
  };
  CHECK(hear_after(std::chrono::milliseconds(300)) == loop::Ms{0});
  CHECK(b.take() > loop::Ms{950});
  server.cli("FLUSHALL");
  Slot fresh(&a.redis, "1000000001");
  std::optional<loop::Ms> wait;
  fresh.take([&](loop::Ms told) { wait = told; });
  a.redis.flush();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  REQUIRE(run_until(loop, [&] { return wait.has_value(); }));
  CHECK(*wait == loop::Ms{0});
  CHECK(b.take() > loop::Ms{950});  // it was taken once more
}

TEST_CASE("a slow answer keeps the turn for a second after it", "[quotes][slot]") {
  RedisServer server;
  loop::Loop loop;
  Process a(loop, server.unix_url());
  Process b(loop, server.unix_url());
  CHECK(a.take() == loop::Ms{0});
  a.slot.answered(loop::Ms{20});
  CHECK(b.take() <= Slot::kEvery + Slot::kYield);
  a.slot.answered(loop::Ms{600});
  REQUIRE(run_until(loop, [&] { return a.redis.unanswered() == 0; }));  // before b asks
  const auto wait = b.take();
  CHECK(wait > loop::Ms{800});
  CHECK(wait <= Slot::kEveryArrival + Slot::kYield);
}

TEST_CASE("429 holds every process back, ever longer, until one is let through",
          "[quotes][slot]") {
  RedisServer server;
  loop::Loop loop;
  Process a(loop, server.unix_url());
  Process b(loop, server.unix_url());
  const auto held = [](loop::Ms wait, int seconds) {
    return wait > loop::Ms{seconds * 1000 - 900} &&
           wait <= loop::Ms{seconds * 1000} + Slot::kYield;
  };
  CHECK(a.take() == loop::Ms{0});
  a.slot.refused();
  CHECK(held(b.take(), 2));
  b.slot.refused();  // as if it had asked all the same
  const auto key = server.cli(kKeys + std::string(" | sort | head -n 1"));
  REQUIRE(run_until(loop, [&] { return held(b.slot.held(), 4); }));
  CHECK(held(loop::Ms{std::stoi(server.cli("PTTL " + key))}, 4));
  for (const int seconds : {8, 16, 32, 60, 60}) {
    a.slot.refused();
    INFO(seconds);
    REQUIRE(run_until(loop, [&] { return held(a.slot.held(), seconds); }));
  }
  CHECK(std::stoi(server.cli("PTTL " + key + ":refusals")) > 60'000);
  a.slot.worked();
  REQUIRE(run_until(loop, [&] { return server.cli("EXISTS " + key + ":refusals") == "0"; }));
}

TEST_CASE("without Redis the turns are our own", "[quotes][slot]") {
  Slot alone(nullptr, "1");
  std::optional<loop::Ms> wait;
  alone.take([&](loop::Ms told) { wait = told; });
  CHECK(wait == loop::Ms{0});
  alone.take([&](loop::Ms told) { wait = told; });
  CHECK(*wait > loop::Ms{900});
}

TEST_CASE("a user without the right shares no turns, and it is said", "[quotes][slot]") {
  RedisServer server;
  server.cli("ACL SETUSER default -set");
  loop::Loop loop;
  Process a(loop, server.unix_url());
  CHECK(a.take() == loop::Ms{0});
  CHECK(a.slot.fault().starts_with("NOPERM"));
  CHECK(a.take() > loop::Ms{900});
}
