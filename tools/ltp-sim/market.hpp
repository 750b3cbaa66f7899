#pragma once

#include "day.hpp"
#include "recording.hpp"
#include "tick/instrument.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>

namespace ltp::sim {

/// All prices of the simulator. The same seed gives each instrument the same prices,
/// whoever asks for which others. Its day begins when it is first asked for.
///
/// Bound   kMaxDays instruments; one more is as if it were not listed.
class Market {
 public:
  static constexpr std::size_t kMaxDays = 200'000;

  Market(std::uint32_t seed, Recording recording, bool loop)
      : seed_(seed), recording_(std::move(recording)), loop_(loop) {}

  /// Nothing is listed from now on: the prices come from elsewhere.
  void close() noexcept { closed_ = true; }

  /// Null for an id that is not listed. The pointer stays good.
  Day* open_day(Instrument instrument, std::int64_t now_s);

  /// The next trade; false: a recording has ended, nothing moves any more.
  bool trade(Day& day, std::int64_t now_s);

  /// Every day there is, in no order.
  const std::unordered_map<Instrument, Day>& days() const noexcept { return days_; }

 private:
  void take(Day& day, Trade trade, std::int64_t now_s);
  static Trade walk(Day& day);

  std::uint32_t seed_;
  Recording recording_;
  bool loop_;
  bool closed_ = false;
  std::unordered_map<Instrument, Day> days_;
};

}  // namespace ltp::sim
