#pragma once

#include "catalogue.hpp"
#include "dhan/packet.hpp"
#include "dice.hpp"
#include "recording.hpp"
#include "tick/tick.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ltp::sim {

inline constexpr std::uint32_t kInterestAtOpen = 100'000;  // of what has an open interest

/// One instrument's day. At every moment: low <= open, ltp, average <= high; volume
/// never falls; best bid < ltp-side < best ask, levels in order, on the tick size. A
/// walk stays within its circuit limits, a recording goes where it went.
struct Day {
  Instrument instrument{};
  Listing listing{};
  float ltp = 0, open = 0, high = 0, low = 0, prev_close = 0;
  std::uint32_t volume = 0;
  std::uint16_t last_qty = 0;
  double turnover = 0;        // rupees, for the average price
  std::int64_t traded_s = 0;  // UTC, by the broker's clock
  std::uint32_t open_interest = 0;
  float lower_limit = 0, upper_limit = 0;                // circuit limits
  std::int64_t walk = 0, walk_least = 0, walk_most = 0;  // ltp and its limits, in ticks
  Dice dice{0, {}};
  const std::vector<Trade>* recorded = nullptr;
  std::size_t played = 0;  // of the recorded trades

  float average() const noexcept;
  /// Empty for an index.
  dhan::Depth depth() const;
};

/// A number of ticks as a price.
float on_tick(double ticks, double tick_size);

/// The packets of the broker, appended.
void append_price(std::string& out, const Day& day, TickKind mode);
void append_prev_close(std::string& out, const Day& day);
/// Nothing for an instrument that has none.
void append_open_interest(std::string& out, const Day& day);

}  // namespace ltp::sim
