#pragma once

#include "hub.hpp"
#include "loop/alarm.hpp"
#include "loop/loop.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace ltp::serve {

/// Decides when the hub hands on what came.
///
/// Cheap   While handing on takes less than kCheap on average of the last turns, it is done
///         as soon as the input has run dry: nothing is ever delayed.
/// Dear    Else the next turn begins no sooner after the last one's end than that turn took,
///         and kLongest at most. Its cost is the number of sends, not of lines: what has
///         gathered in the meantime goes in the same sends. So at least half of the core is
///         left for what comes in, and a line is delayed by no more than a turn takes.
class Fanout {
 public:
  using Us = std::chrono::microseconds;
  static constexpr Us kCheap{300};
  static constexpr Us kLongest{5000};

  /// `after_each`: called when the hub has handed something on, also in the middle of a
  /// large batch: for what must not wait until it is through.
  Fanout(loop::Loop& loop, Hub& hub, std::function<void()> after_each);
  ~Fanout();
  Fanout(const Fanout&) = delete;
  Fanout& operator=(const Fanout&) = delete;

  /// The input has run dry.
  void dry();
  /// At once, whatever it costs: at the end.
  void flush();

  /// How long to wait after a turn, by what turns have taken on average.
  static Us pause_after(Us cost) noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  void set_rated_timer();

  Hub& hub_;
  std::function<void()> after_each_;
  loop::Alarm next_;
  loop::Timer rated_;  // for those who have a rate
  Us cost_{0};         // average of the last turns
  Clock::time_point not_before_{};
  bool waiting_ = false;
};

}  // namespace ltp::serve
