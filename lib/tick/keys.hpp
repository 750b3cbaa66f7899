#pragma once

#include "tick/instrument.hpp"

#include <string>
#include <string_view>

/// The names under which prices lie in Redis. Other programs read and write them too:
/// they are a contract, see ltp(7), and are spelt nowhere else.
namespace ltp::keys {

inline constexpr std::string_view kUpdatesChannel = "live_ltp_updates";
inline constexpr std::string_view kHeartbeat = "market_stream:heartbeat";

/// What the keys of prices begin with, unless somebody wants more than one set of them.
inline constexpr std::string_view kPrefix = "ltp";

/// Seconds that a price and the heartbeat live without being renewed.
inline constexpr int kPriceLife_s = 30;
inline constexpr int kHeartbeatLife_s = 60;

/// Appends "ltp:NSE_EQ:2885", where the price lies.
inline void append_price_key(std::string& out, Instrument instrument,
                             std::string_view prefix = kPrefix) {
  out.append(prefix).append(1, ':');
  append_instrument(out, instrument);
}

/// Appends "ltp_line:NSE_EQ:2885", where the whole line lies. It is no "ltp:*", which
/// people and scripts list to see the prices.
inline void append_line_key(std::string& out, Instrument instrument,
                            std::string_view prefix = kPrefix) {
  out.append(prefix).append("_line:");
  append_instrument(out, instrument);
}

/// Appends "live_ltp_updates:NSE_EQ:2885", the channel of one instrument's lines.
inline void append_instrument_channel(std::string& out, Instrument instrument,
                                      std::string_view channel = kUpdatesChannel) {
  out.append(channel).append(1, ':');
  append_instrument(out, instrument);
}

inline std::string price_key(Instrument instrument) {
  std::string out;
  append_price_key(out, instrument);
  return out;
}

/// "ltp_quotes:HASH": is there for as long as nobody of an account may ask the broker for
/// quotes; "ltp_quotes:HASH:refusals" counts how often it was too often.
inline std::string quote_slot_key(std::string_view account_hash) {
  return std::string("ltp_quotes:").append(account_hash);
}
inline std::string quote_refusals_key(std::string_view account_hash) {
  return quote_slot_key(account_hash).append(":refusals");
}

}  // namespace ltp::keys
