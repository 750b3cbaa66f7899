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
