#pragma once

#include "hub.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// What comes in, from Redis or standard input alike: each line is looked at once, then
/// the hub has it. Remembers what the health answer needs.
class Intake {
 public:
  explicit Intake(Hub& hub) : hub_(hub) {}

  /// One line or message, with or without its newline.
  void line(std::string_view line, std::int64_t now_us);

  /// When the feed last proved to be alive: by a tick, or by saying that it is connected.
  std::optional<std::int64_t> alive_us() const noexcept { return alive_us_; }
  std::optional<std::int64_t> last_tick_us() const noexcept { return last_tick_us_; }
  const std::string& feed_state() const noexcept { return feed_state_; }
  const std::string& feed_reason() const noexcept { return feed_reason_; }
  /// Lines that are no JSON object: dropped, nobody could read them.
  std::uint64_t junk() const noexcept { return junk_; }

 private:
  Hub& hub_;
  line::Reader reader_;
  std::optional<std::int64_t> alive_us_, last_tick_us_;
  std::string feed_state_, feed_reason_;
  std::uint64_t junk_ = 0;
};

}  // namespace ltp::serve
