#include "day.hpp"

#include <algorithm>
#include <cmath>

namespace ltp::sim {
namespace {

dhan::Header header(dhan::Code code, Instrument instrument) {
  return {static_cast<std::uint8_t>(code), 0, static_cast<std::uint8_t>(instrument.segment),
          instrument.security_id};
}

}  // namespace

float on_tick(double ticks, double tick_size) {
  // Four decimals are enough for every tick size; without rounding 0.05 * 27868 is noise.
  return static_cast<float>(std::round(ticks * tick_size * 10'000) / 10'000);
}

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

void append_price(std::string& out, const Day& day, TickKind mode) {
  const auto traded = dhan::trade_time_raw(day.traded_s);
  if (mode == TickKind::kTicker)
    return dhan::append_packet(
        out, {header(dhan::Code::kTicker, day.instrument), dhan::Ticker{day.ltp, traded}});

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
        out, {header(dhan::Code::kQuote, day.instrument), dhan::Quote{day.ltp, traded, figures}});
  const bool has_oi_range = day.instrument.segment == Segment::kNseFno;  // as documented
  dhan::append_packet(out, {header(dhan::Code::kFull, day.instrument),
                            dhan::Full{.ltp = day.ltp,
                                       .trade_time_raw = traded,
                                       .day = figures,
                                       .open_interest = day.open_interest,
                                       .oi_day_high = has_oi_range ? day.open_interest : 0,
                                       .oi_day_low = has_oi_range ? kInterestAtOpen : 0,
                                       .depth = depth}});
}

void append_prev_close(std::string& out, const Day& day) {
  dhan::append_packet(
      out, {header(dhan::Code::kPrevClose, day.instrument),
            dhan::PrevClose{day.prev_close, std::min(day.open_interest, kInterestAtOpen)}});
}

void append_open_interest(std::string& out, const Day& day) {
  if (!day.listing.has_open_interest) return;
  dhan::append_packet(out, {header(dhan::Code::kOpenInterest, day.instrument),
                            dhan::OpenInterest{day.open_interest}});
}

}  // namespace ltp::sim
