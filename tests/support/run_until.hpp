#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <functional>

/// Runs the loop until `done` holds and says whether it came to that within `limit`:
/// REQUIRE(run_until(loop, [&] { return answered; })). Asks at least each millisecond, so
/// that `done` may also look at, or feed, what lies outside the loop.
inline bool run_until(ltp::loop::Loop& loop, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  if (done()) return true;
  bool reached = false;
  bool over = false;
  ltp::loop::Timer deadline(loop, [&] {
    over = true;
    loop.stop();
  });
  ltp::loop::Timer tick(loop, [] {});
  ltp::loop::BeforeSleep check(loop, [&] {
    if (over || reached || !done()) return;
    reached = true;
    loop.stop();
  });
  deadline.start(limit);
  tick.start(std::chrono::milliseconds(1), std::chrono::milliseconds(1));
  loop.run();
  return reached;
}

/// How often the loop turns in a millisecond while it runs for `time`: once or so for
/// run_until, hundreds of times if something keeps it busy. Unlike the processor's time it
/// hardly depends on what else the machine does.
inline double turns_per_ms(ltp::loop::Loop& loop, std::chrono::milliseconds time) {
  int count = 0;
  const ltp::loop::BeforeSleep counter(loop, [&count] { ++count; });
  const auto until = std::chrono::steady_clock::now() + time;
  run_until(loop, [&] { return std::chrono::steady_clock::now() >= until; });
  return count / static_cast<double>(time.count());
}
/// Below this a loop sleeps.
constexpr double kQuiet = 2.5;
