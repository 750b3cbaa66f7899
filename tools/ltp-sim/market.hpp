#pragma once

#include "catalogue.hpp"
#include "dhan/packet.hpp"
#include "dice.hpp"
#include "recording.hpp"
#include "tick/tick.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace ltp::sim {

inline constexpr std::uint32_t kInterestAtOpen = 100'000;  // of what has an open interest

/// One instrument's day. At every moment: low <= open, ltp, average <= high; volume
/// never falls; best bid < ltp-side < best ask, levels in order, on the tick size. A
/// walk stays within its circuit limits, a recording goes where it went.
struct Day {
  Listing listing;
  float ltp = 0, open = 0, high = 0, low = 0, prev_close = 0;
  std::uint32_t volume = 0;
  std::uint16_t last_qty = 0;
  double turnover = 0;        // rupees, for the average price
  std::int64_t traded_s = 0;  // UTC
  std::uint32_t open_interest = 0;
  float lower_limit = 0, upper_limit = 0;  // circuit limits, a tenth off the previous close
  std::int64_t walk = 0, walk_least = 0, walk_most = 0;  // ltp and its limits, in ticks
  Dice dice{0, {}};
  const std::vector<Trade>* recorded = nullptr;
  std::size_t played = 0;  // of the recorded trades

  float average() const noexcept;
  /// Empty for an index.
  dhan::Depth depth() const;
};

/// All prices of the simulator. The same seed gives each instrument the same prices,
/// whoever asks for which others. Its day begins when it is first asked for.
///
/// Bound   kMaxDays instruments; one more is as if it were not listed.
class Market {
 public:
  static constexpr std::size_t kMaxDays = 200'000;

  Market(std::uint32_t seed, Recording recording, bool loop)
      : seed_(seed), recording_(std::move(recording)), loop_(loop) {}

  /// Null for an id that is not listed. The pointer stays good.
  const Day* open_day(Instrument instrument, std::int64_t now_s);

  /// The next trade; false: a recording has ended, nothing moves any more.
  /// Precondition: open_day() gave a day.
  bool trade(Instrument instrument, std::int64_t now_s);

  /// The packets of the broker, appended.
  void append_price(std::string& out, Instrument instrument, TickKind mode) const;
  void append_prev_close(std::string& out, Instrument instrument) const;
  /// Nothing for an instrument that has none.
  void append_open_interest(std::string& out, Instrument instrument) const;

 private:
  void take(Day& day, Trade trade, std::int64_t now_s);
  static Trade walk(Day& day);

  std::uint32_t seed_;
  Recording recording_;
  bool loop_;
  std::unordered_map<Instrument, Day> days_;
};

}  // namespace ltp::sim
