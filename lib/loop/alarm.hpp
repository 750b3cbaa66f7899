#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace ltp::loop {

/// Calls back once at a given moment, to some 0.1 ms on an idle machine; Timer counts whole
/// milliseconds. An alarm that is set keeps run() going.
class Alarm {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// Throws StartError(kIo) if the system has no timer left.
  Alarm(Loop& loop, std::function<void()> on_ring);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Replaces what was set before. A moment that has passed rings soon, from the loop.
  void set(Moment when);
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
