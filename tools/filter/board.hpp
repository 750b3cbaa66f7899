#pragma once

#include "filter/slot_index.hpp"
#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::filter {

/// The commands that one tick is worth, as a set of bits.
using Parts = std::uint8_t;
inline constexpr Parts kPrice = 1;       // SETEX ltp:NSE_EQ:2885
inline constexpr Parts kLine = 2;        // SETEX ltp_line:NSE_EQ:2885
inline constexpr Parts kPublish = 4;     // PUBLISH live_ltp_updates
inline constexpr Parts kPublishOwn = 8;  // PUBLISH live_ltp_updates:NSE_EQ:2885
inline constexpr Parts kStored = kPrice | kLine;

/// What Redis is to have: the latest of each instrument and the feed's latest word, those
/// that wait for it in a queue, and what it has refused.
///
/// Bound   One slot per instrument that was ever put. Nothing else grows.
/// Order   Slots leave the queue in the order in which they first waited, so that a busy
///         instrument cannot starve a quiet one; per instrument never backwards.
/// Late    The text of a slot that has left the queue stays, so that what was sent and
///         never answered can wait again, unless a newer text does already.
/// Pure    No clock: `now_ms` is any steady one of the caller's.
class Board {
 public:
  using Index = std::uint32_t;

  struct Slot {
    std::optional<Instrument> instrument;  // none: the feed's word about itself
    std::string price;
    std::string line;
    std::int64_t put_ms = 0;    // when the texts came
    std::int64_t since_ms = 0;  // when it began to wait
    bool waits = false;
    Parts todo = 0;     // to be sent when its turn comes
    Parts refused = 0;  // Redis has said no to these, and yes to none since
    Parts again = 0;    // to be sent once more later
  };

  /// `parts` as the text is worth; an empty line is not kept. If an older text still waited,
  /// it is replaced, and the answer is since when its instrument has waited.
  std::optional<std::int64_t> put(Instrument instrument, std::string_view price,
                                  std::string_view line, Parts parts, std::int64_t now_ms);
  std::optional<std::int64_t> put_status(std::string_view line, Parts parts, std::int64_t now_ms);

  /// Takes the first in the queue out. Precondition: waiting() > 0.
  Index pop();
  std::size_t waiting() const noexcept { return queue_.size(); }

  /// It was sent, and has to be sent once more. True: it did not wait already.
  bool put_back(Index index, Parts parts);

  Slot& operator[](Index index) noexcept { return slots_[index]; }
  Index size() const noexcept { return static_cast<Index>(slots_.size()); }

 private:
  static constexpr Index kStatus = 0;

  std::optional<std::int64_t> put(Slot& slot, Index index, Parts parts, std::int64_t now_ms);
  void wait(Slot& slot, Index index);

  SlotIndex numbers_;
  std::vector<Slot> slots_{1};  // the first is the feed's word's
  std::deque<Index> queue_;
};

}  // namespace ltp::filter
