#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <functional>

/// Runs the loop until `done` holds and says whether it came to that within `limit`:
/// REQUIRE(run_until(loop, [&] { return answered; })).
inline bool run_until(ltp::loop::Loop& loop, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  bool late = false;
  ltp::loop::Timer deadline(loop, [&] {
    late = true;
    loop.stop();
  });
  ltp::loop::BeforeSleep check(loop, [&] {
    if (done()) loop.stop();
  });
  deadline.start(limit);
  if (!done()) loop.run();
  return !late && done();
}
