#include "market.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ltp::sim {
namespace {

constexpr std::uint32_t kMaxVolume = 4'000'000'000;  // a day's count has 32 bits

/// In ticks, and at least one of them.
double ticks_of(double price, double tick_size) {
  return std::max(1.0, std::floor(price / tick_size + 1e-4));
}

}  // namespace

Day* Market::open_day(Instrument instrument, std::int64_t now_s) {
  if (closed_) return nullptr;
  const auto known = days_.find(instrument);
  if (known != days_.end()) return &known->second;
  const auto listing = find_listing(instrument, seed_);
  if (!listing || days_.size() >= kMaxDays) return nullptr;
  Day& day = days_[instrument];
  day.instrument = instrument;
  day.listing = *listing;
  day.dice = Dice(seed_, instrument);
  day.walk = std::llround(listing->base_price / listing->tick_size);
  day.walk_least = day.walk_most = day.walk;
  day.open_interest = listing->has_open_interest ? kInterestAtOpen : 0;
  if (const auto recorded = recording_.find(instrument); recorded != recording_.end())
    day.recorded = &recorded->second;
  // Yesterday ended a little below today's first price, half a per cent at most.
  const Trade first = day.recorded ? day.recorded->front() : walk(day);
  day.played = day.recorded ? 1 : 0;
  day.open = day.high = day.low = first.price;
  const auto in_ticks = [&](double price) { return ticks_of(price, listing->tick_size); };
  day.prev_close = on_tick(in_ticks(static_cast<double>(first.price) * 0.995), listing->tick_size);
  const double least = in_ticks(static_cast<double>(day.prev_close) * 0.9);
  const double most = in_ticks(static_cast<double>(day.prev_close) * 1.1);
  day.lower_limit = on_tick(least, listing->tick_size);
  day.upper_limit = on_tick(most, listing->tick_size);
  day.walk_least = static_cast<std::int64_t>(least);
  day.walk_most = static_cast<std::int64_t>(most);
  take(day, first, now_s);
  return &day;
}

Trade Market::walk(Day& day) {
  // A step is at most 2 ticks or 0.02 % of the price, whichever is more.
  const auto most = std::max<std::int64_t>(2, day.walk / 5000);
  const auto step = day.dice.below(static_cast<std::uint32_t>(2 * most + 1)) - most;
  day.walk = std::clamp(day.walk + step, day.walk_least, day.walk_most);
  return {on_tick(static_cast<double>(day.walk), day.listing.tick_size), 1 + day.dice.below(200)};
}

bool Market::trade(Day& day, std::int64_t now_s) {
  if (day.recorded == nullptr) {
    take(day, walk(day), now_s);
    return true;
  }
  if (day.played == day.recorded->size()) {
    if (!loop_) return false;
    day.played = 0;
  }
  take(day, (*day.recorded)[day.played++], now_s);
  return true;
}

void Market::take(Day& day, Trade trade, std::int64_t now_s) {
  day.ltp = trade.price;
  day.high = std::max(day.high, trade.price);
  day.low = std::min(day.low, trade.price);
  day.traded_s = now_s;
  if (day.listing.is_index || day.volume > kMaxVolume) return;
  day.volume += trade.quantity;
  day.turnover += static_cast<double>(trade.price) * trade.quantity;
  day.last_qty = static_cast<std::uint16_t>(std::min<std::uint32_t>(trade.quantity, 65'535));
  if (day.listing.has_open_interest) day.open_interest += trade.quantity % 3;
}

}  // namespace ltp::sim
