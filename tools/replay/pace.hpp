#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ltp::replay {

/// How fast a recording is played: 1 as it was received, 2 in half the time.
struct Speed {
  double times = 1;
  bool waits = true;  // false: each thing at once, as fast as the reader takes it
};

/// "max", or a number from 0.001 to 1000000.
std::optional<Speed> parse_speed(std::string_view text) noexcept;

/// When each thing of a recording is due. Counted from the first one, so that lateness
/// does not add up: what is late is made up for.
///
/// Back    A time earlier than the one before it (the clock was set then) is due with
///         the one before, and the rest is counted from there.
class Pace {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  explicit Pace(Speed speed) : speed_(speed) {}

  /// For each thing once, in order. Precondition: the speed waits, 0 <= recv_us.
  Moment due(std::int64_t recv_us, Moment now) noexcept;

 private:
  Speed speed_;
  bool begun_ = false;
  std::int64_t from_us_ = 0;  // what was received then
  Moment from_{};             // is due here
  std::int64_t last_us_ = 0;
  Moment last_{};
};

}  // namespace ltp::replay
