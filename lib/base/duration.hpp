#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace ltp {

/// A time as people write it: "90", "90s", "1.5m", "250ms", "2h"; a bare number is seconds.
/// None for anything else: a sign, blanks, an empty text, more than 30 days.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

}  // namespace ltp
