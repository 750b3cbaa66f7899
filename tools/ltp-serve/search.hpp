#pragma once

#include "hub.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// GET /api/v1/instruments: what the page's field for adding an instrument asks.
namespace ltp::serve::search {

inline constexpr std::size_t kMostFound = 50;
inline constexpr std::size_t kLongestText = 64;

/// {"instruments":[{"instrument_key":"NSE_EQ:2885","symbol":"RELIANCE"}]}: of those that
/// have a line, at most `limit` whose name or key holds `text`, letters of ASCII of either
/// case. Names that begin with it come first, then those of few letters.
std::string answer(const Hub& hub, std::string_view text, std::size_t limit);

}  // namespace ltp::serve::search
