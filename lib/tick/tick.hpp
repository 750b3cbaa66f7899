#pragma once

#include "tick/instrument.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ltp {

enum class TickKind : std::uint8_t { kTicker, kQuote, kFull };
enum class Source : std::uint8_t { kWebsocket, kSimulator, kReplay };

/// "ticker", "quote", "full"; "websocket", "simulator", "replay".
std::string_view to_text(TickKind kind) noexcept;
std::string_view to_text(Source source) noexcept;

/// One level of the order book. Price 0 means that there is no order there.
struct DepthLevel {
  float bid_price, ask_price;      // rupees
  std::uint32_t bid_qty, ask_qty;  // shares or lots as the exchange counts
  std::uint16_t bid_orders, ask_orders;
};

/// What quote and full packets add to a ticker.
struct DayFigures {
  std::uint16_t last_qty;
  std::uint32_t volume;             // of the day so far
  std::uint32_t sell_qty, buy_qty;  // standing in the whole book
  float average_price;
  float open, high, low;
  float close;  // no meaning in the session: yesterday's, or today's after the close
};

/// One price of one instrument, the noun that all of ltp passes on.
///
/// Units   Prices are binary32 rupees as the broker sent them; never widen one to
///         double before printing. Times are UTC.
/// Truth   ltp is finite and above 0: a packet without a price makes no Tick.
/// Views   symbol and depth point into storage of whoever made the Tick.
struct Tick {
  Instrument instrument;
  std::string_view symbol;  // empty: the instrument's own text is written
  TickKind kind;
  Source source;
  float ltp;
  std::optional<std::int64_t> trade_time_s;  // UTC seconds; none: never traded
  std::int64_t recv_us;                      // microseconds since 1970 UTC
  std::optional<std::int64_t> recorded_us;   // of a replay: when it was received at first
  std::uint64_t seq;                         // 1 for the first tick of a run
  std::optional<DayFigures> day;             // quote and full
  std::optional<float> prev_close;
  std::optional<std::uint32_t> open_interest;
  const std::array<DepthLevel, 5>* depth = nullptr;  // full only, best level first
};

}  // namespace ltp
