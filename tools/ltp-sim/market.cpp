#include "market.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ltp::sim {
namespace {

constexpr std::uint32_t kMaxVolume = 4'000'000'000;  // a day's count has 32 bits

float on_tick(double ticks, double tick_size) {
  // Four decimals are enough for every tick size; without rounding 0.05 * 27868 is noise.
  return static_cast<float>(std::round(ticks * tick_size * 10'000) / 10'000);
}

/// In ticks, and at least one of them.
double ticks_of(double price, double tick_size) {
  return std::max(1.0, std::floor(price / tick_size + 1e-4));
}

dhan::Header header(dhan::Code code, Instrument instrument) {
  return {static_cast<std::uint8_t>(code), 0, static_cast<std::uint8_t>(instrument.segment),
          instrument.security_id};
}

}  // namespace

float Day::average() const noexcept {
  if (volume == 0) return listing.is_index ? 0 : ltp;
  return std::clamp(static_cast<float>(turnover / volume), low, high);
}

dhan::Depth Day::depth() const {
  dhan::Depth levels{};
  if (listing.is_index) return levels;
  const double at = std::floor(static_cast<double>(ltp) / listing.tick_size + 1e-4);
  for (std::uint32_t i = 0; i < levels.size(); ++i) {
    auto& level = levels[i];
    level.ask_price = on_tick(at + 1 + i, listing.tick_size);
    level.ask_qty = 100 + 75 * i + volume % 50;
    level.ask_orders = static_cast<std::uint16_t>(2 + i);
    if (at - 1 - i < 1) continue;  // below the lowest price there is no bid
    level.bid_price = on_tick(at - 1 - i, listing.tick_size);
    level.bid_qty = 120 + 60 * i + volume % 40;
    level.bid_orders = static_cast<std::uint16_t>(3 + i);
  }
  return levels;
}

const Day* Market::open_day(Instrument instrument, std::int64_t now_s) {
  const auto known = days_.find(instrument);
  if (known != days_.end()) return &known->second;
  const auto listing = find_listing(instrument, seed_);
  if (!listing || days_.size() >= kMaxDays) return nullptr;
  Day& day = days_[instrument];
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

bool Market::trade(Instrument instrument, std::int64_t now_s) {
  Day& day = days_.at(instrument);
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

void Market::append_price(std::string& out, Instrument instrument, TickKind mode) const {
  const Day& day = days_.at(instrument);
  const auto traded = dhan::trade_time_raw(day.traded_s);
  if (mode == TickKind::kTicker)
    return dhan::append_packet(
        out, {header(dhan::Code::kTicker, instrument), dhan::Ticker{day.ltp, traded}});

  const auto depth = day.depth();
  DayFigures figures{.last_qty = day.last_qty,
                     .volume = day.volume,
                     .sell_qty = 0,
                     .buy_qty = 0,
                     .average_price = day.average(),
                     .open = day.open,
                     .high = day.high,
                     .low = day.low,
                     .close = day.prev_close};
  for (const auto& level : depth) {
    figures.sell_qty += level.ask_qty;
    figures.buy_qty += level.bid_qty;
  }
  if (mode == TickKind::kQuote)
    return dhan::append_packet(
        out, {header(dhan::Code::kQuote, instrument), dhan::Quote{day.ltp, traded, figures}});
  const bool has_oi_range = instrument.segment == Segment::kNseFno;  // as documented
  dhan::append_packet(out, {header(dhan::Code::kFull, instrument),
                            dhan::Full{.ltp = day.ltp,
                                       .trade_time_raw = traded,
                                       .day = figures,
                                       .open_interest = day.open_interest,
                                       .oi_day_high = has_oi_range ? day.open_interest : 0,
                                       .oi_day_low = has_oi_range ? kInterestAtOpen : 0,
                                       .depth = depth}});
}

void Market::append_prev_close(std::string& out, Instrument instrument) const {
  const Day& day = days_.at(instrument);
  dhan::append_packet(
      out, {header(dhan::Code::kPrevClose, instrument),
            dhan::PrevClose{day.prev_close, std::min(day.open_interest, kInterestAtOpen)}});
}

void Market::append_open_interest(std::string& out, Instrument instrument) const {
  const Day& day = days_.at(instrument);
  if (!day.listing.has_open_interest) return;
  dhan::append_packet(
      out, {header(dhan::Code::kOpenInterest, instrument), dhan::OpenInterest{day.open_interest}});
}

}  // namespace ltp::sim
