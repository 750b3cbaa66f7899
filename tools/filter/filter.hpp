#pragma once

#include "tick/instrument.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ltp::filter {

class Outbox;

/// The words of one Redis command.
using Command = std::span<const std::string_view>;

/// What Redis is to have: the latest of an instrument, or the feed's latest word.
struct Item {
  std::optional<Instrument> instrument;  // none: a feed_status line
  std::string_view text;                 // what the filter gave to the outbox
  std::int64_t age_ms;                   // how long it has waited for Redis
};

/// What one program does with the lines that it passes on.
class Filter {
 public:
  virtual ~Filter() = default;

  /// Each line that is a JSON object, without its newline, to be put into the outbox
  /// or left alone. The line itself is passed on by others.
  virtual void take(const line::Line& line, std::string_view text, Outbox& outbox) = 0;

  /// The command that gives the item to Redis; an empty one if it has waited too long
  /// to be worth it. Views are valid until the next call, or as long as the item's.
  virtual Command compose(const Item& item) = 0;
};

}  // namespace ltp::filter
