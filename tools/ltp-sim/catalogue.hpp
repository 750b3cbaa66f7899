#pragma once

#include "tick/instrument.hpp"

#include <optional>
#include <string_view>

namespace ltp::sim {

/// What the simulator knows of an instrument before the market opens.
struct Listing {
  double base_price;  // rupees, near which the day begins
  double tick_size;   // rupees
  bool is_index;      // has no volume and no order book
  bool has_open_interest;
};

/// A few well-known instruments by their real ids; any other id of a known segment gets
/// a price made of `seed` and the id. Ids from kUnknownIds on are not listed anywhere.
inline constexpr std::uint32_t kUnknownIds = 9'000'000;
std::optional<Listing> find_listing(Instrument instrument, std::uint32_t seed);

/// The instrument that a symbol of a recording stands for: "YESBANK" is NSE_EQ:11915.
std::optional<Instrument> find_symbol(std::string_view symbol);

}  // namespace ltp::sim
