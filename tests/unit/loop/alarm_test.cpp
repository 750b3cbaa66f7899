#include "loop/alarm.hpp"

#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace std::chrono_literals;
using namespace ltp::loop;
using Clock = std::chrono::steady_clock;

TEST_CASE("an alarm rings once, not before its moment", "[loop]") {
  Loop loop;
  int rung = 0;
  Clock::time_point at;
  Alarm alarm(loop, [&] {
    ++rung;
    at = Clock::now();
  });
  const auto due = Clock::now() + 2500us;
  alarm.set(due);
  loop.run();  // returns, so nothing is left that keeps it going
  CHECK(rung == 1);
  CHECK(at >= due);
}

TEST_CASE("an alarm set for a moment that has passed rings from the loop", "[loop]") {
  const auto when = GENERATE(Clock::time_point{}, Clock::time_point::min(), Clock::now() - 1h);
  Loop loop;
  bool rung = false;
  Alarm alarm(loop, [&] { rung = true; });
  alarm.set(when);
  CHECK_FALSE(rung);
  loop.run();
  CHECK(rung);
}

TEST_CASE("setting an alarm again replaces the first moment, earlier or later", "[loop]") {
  Loop loop;
  int rung = 0;
  Alarm alarm(loop, [&] { ++rung; });
  alarm.set(Clock::now() + 1h);
  const auto due = Clock::now() + 3ms;
  alarm.set(Clock::now());
  alarm.set(due);
  loop.run();
  CHECK(rung == 1);
  CHECK(Clock::now() >= due);
}

TEST_CASE("an alarm that is stopped, or gone, does not ring nor keep the loop", "[loop]") {
  Loop loop;
  bool rung = false;
  Alarm stopped(loop, [&] { rung = true; });
  std::optional<Alarm> gone;
  gone.emplace(loop, [&] { rung = true; });
  stopped.set(Clock::now());
  gone->set(Clock::now());
  stopped.stop();
  gone.reset();
  loop.run();
  CHECK_FALSE(rung);
}

TEST_CASE("an alarm may be set anew, or destroyed, from its own callback", "[loop]") {
  Loop loop;
  int rung = 0;
  std::optional<Alarm> alarm;
  alarm.emplace(loop, [&] {
    if (++rung < 3) {
      alarm->set(Clock::now() + 200us);
    } else {
      alarm.reset();
    }
  });
  alarm->set(Clock::now());
  CHECK(run_until(loop, [&] { return rung == 3 && !alarm; }));
}
