#include "loop/loop.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using namespace ltp::loop;

TEST_CASE("run returns when nothing is left that could happen", "[loop]") {
  Loop loop;
  BeforeSleep idle(loop, [] {});
  Signals signals(loop, {SIGUSR1}, [](int) {});
  Timer never_started(loop, [] {});
  loop.run();
  SUCCEED("came back");
}

TEST_CASE("deferred tasks run in order, from run and not from defer", "[loop]") {
  Loop loop;
  std::string seen;
  loop.defer([&] {
    seen += 'a';
    loop.defer([&] { seen += 'c'; });
    seen += '-';
  });
  loop.defer([&] { seen += 'b'; });
  CHECK(seen.empty());
  loop.run();
  CHECK(seen == "a-bc");
}

TEST_CASE("a task that defers itself leaves room for timers", "[loop]") {
  Loop loop;
  bool fired = false;
  Timer timer(loop, [&] { fired = true; });
  std::function<void()> again = [&] { loop.defer(again); };
  loop.defer(again);
  timer.start(1ms);
  CHECK(run_until(loop, [&] { return fired; }));
}

TEST_CASE("a task left over when its loop goes is never run", "[loop]") {
  bool ran = false;
  {
    Loop loop;
    loop.defer([&] { ran = true; });
  }
  CHECK_FALSE(ran);
}

TEST_CASE("a timer fires once, or again and again until stopped", "[loop]") {
  Loop loop;
  int once = 0;
  int many = 0;
  Timer first(loop, [&] { ++once; });
  std::optional<Timer> second;
  second.emplace(loop, [&] {
    if (++many == 3) second->stop();
  });
  first.start(1ms);
  second->start(0ms, 1ms);
  CHECK(first.running());
  loop.run();
  CHECK(once == 1);
  CHECK(many == 3);
  CHECK_FALSE(first.running());
  CHECK_FALSE(second->running());
}

TEST_CASE("starting a running timer starts it anew", "[loop]") {
  Loop loop;
  std::string seen;
  Timer late(loop, [&] { seen += "late "; });
  Timer sooner(loop, [&] { seen += "sooner "; });
  late.start(1ms);
  sooner.start(20ms);
  late.start(40ms);
  loop.run();
  CHECK(seen == "sooner late ");
}

TEST_CASE("a handle may be destroyed in its own callback", "[loop]") {
  Loop loop;
  // Longer than a std::function keeps inside itself, so that a use after free shows.
  const std::string name(100, 'x');
  std::string seen;

  SECTION("Timer") {
    std::optional<Timer> timer;
    timer.emplace(loop, [&timer, &seen, name] {
      timer.reset();
      seen = name;
    });
    timer->start(0ms, 1ms);
    loop.run();
  }
  SECTION("BeforeSleep") {
    std::optional<BeforeSleep> hook;
    hook.emplace(loop, [&hook, &seen, name] {
      hook.reset();
      seen = name;
    });
    Timer keeps_running(loop, [] {});
    keeps_running.start(1ms);
    loop.run();
  }
  SECTION("Signals") {
    std::optional<Signals> signals;
    signals.emplace(loop, std::initializer_list<int>{SIGUSR1}, [&signals, &seen, name](int) {
      signals.reset();
      seen = name;
    });
    loop.defer([] { raise(SIGUSR1); });
    CHECK(run_until(loop, [&] { return !seen.empty(); }));
  }
  CHECK(seen == name);
}

TEST_CASE("signals come with their number, from the loop", "[loop]") {
  Loop loop;
  int heard = 0;
  Signals signals(loop, {SIGUSR1, SIGUSR2}, [&](int number) { heard = number; });
  raise(SIGUSR2);
  CHECK(heard == 0);
  CHECK(run_until(loop, [&] { return heard == SIGUSR2; }));
}
