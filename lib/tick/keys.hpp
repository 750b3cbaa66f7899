#pragma once

#include "tick/instrument.hpp"

#include <string>
#include <string_view>

/// The names under which prices lie in Redis. Other programs read and write them too:
/// they are a contract, see ltp(7), and are spelt nowhere else.
namespace ltp::keys {

inline constexpr std::string_view kUpdatesChannel = "live_ltp_updates";
inline constexpr std::string_view kHeartbeat = "market_stream:heartbeat";

/// Seconds that a price and the heartbeat live without being renewed.
inline constexpr int kPriceLife_s = 30;
inline constexpr int kHeartbeatLife_s = 60;

/// Appends "ltp:NSE_EQ:2885".
inline void append_price_key(std::string& out, Instrument instrument) {
  out.append("ltp:");
  append_instrument(out, instrument);
}

inline std::string price_key(Instrument instrument) {
  std::string out;
  append_price_key(out, instrument);
  return out;
}

}  // namespace ltp::keys
