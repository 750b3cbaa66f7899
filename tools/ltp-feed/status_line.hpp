#pragma once

#include "feed.hpp"

#include <string>

namespace ltp::feed {

/// What a person at the terminal wants to see at a glance:
/// "connected 1/1 | 812 ticks/s | lag 1 s | last tick 0.2 s ago | 3 reconnects | 120 merged".
/// What is unknown or nought is left out.
std::string status_line(const Feed::Figures& figures, std::uint64_t ticks_per_s);

}  // namespace ltp::feed
