#pragma once

#include "filter/board.hpp"
#include "filter/plan.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ltp::filter {

/// The words of one Redis command.
using Command = std::span<const std::string_view>;

/// What the plan makes of a tick, and how each of it is said to Redis. The views in a
/// command are valid until the next one is made, or as long as the texts given.
class Commands {
 public:
  explicit Commands(const Plan& plan);

  /// What a tick is worth, the feed's word about itself, and any other object.
  Parts of_tick() const noexcept { return of_tick_; }
  Parts of_status() const noexcept { return of_tick_ & kPublish; }
  bool publishes() const noexcept { return (of_tick_ & kPublish) != 0; }
  bool keeps_line() const noexcept { return (of_tick_ & ~kPrice) != 0; }

  /// The parts of the slot that are still worth sending: a price that has waited longer
  /// than it would live in Redis would be dressed up as new there.
  Parts worth_sending(Parts parts, std::int64_t age_ms) const noexcept;

  /// `part` is one bit. A slot without an instrument has only kPublish.
  Command make(Parts part, const Board::Slot& slot);
  Command publish(std::string_view line);
  Command heartbeat(std::int64_t now_s);

 private:
  Command set(std::string_view life, std::string_view text);

  Store store_;
  Publish publish_;
  Parts of_tick_;
  std::string ttl_;
  std::string name_;  // of the key or channel
  std::string now_;
  std::array<std::string_view, 4> words_;
};

}  // namespace ltp::filter
