#pragma once

#include "hub.hpp"
#include "liveness.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// What comes in, from Redis or standard input alike: each line is looked at once, then
/// the hub has it. Knows what it says about the feed, and tells clients when that changes.
class Intake {
 public:
  explicit Intake(Hub& hub) : hub_(hub) {}

  /// One line or message, with or without its newline.
  void line(std::string_view line, std::int64_t now_us);

  /// To be called each second or sooner, and when the link changes: tells every client if
  /// the prices are no longer those of now, or are again.
  void look(std::int64_t now_us);

  Liveness& liveness() noexcept { return liveness_; }
  const Liveness& liveness() const noexcept { return liveness_; }
  bool live(std::int64_t now_us) const { return liveness_.verdict(now_us).live; }

  std::optional<std::int64_t> alive_us() const noexcept { return liveness_.alive_us(); }
  std::optional<std::int64_t> last_tick_us() const noexcept { return liveness_.last_tick_us(); }
  const std::string& feed_state() const noexcept { return liveness_.feed_state(); }
  const std::string& feed_reason() const noexcept { return liveness_.feed_reason(); }
  /// How often the feed had to connect anew, by its own word.
  std::uint64_t feed_reconnects() const noexcept { return feed_reconnects_; }
  /// Lines that are no JSON object, which nobody could read, and lines of more instruments
  /// than are kept: dropped.
  std::uint64_t junk() const noexcept { return junk_; }

 private:
  Hub& hub_;
  line::Reader reader_;
  Liveness liveness_;
  std::uint64_t feed_reconnects_ = 0;
  std::uint64_t junk_ = 0;
};

}  // namespace ltp::serve
