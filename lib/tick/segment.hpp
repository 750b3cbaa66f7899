#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ltp {

/// Exchange segments by the broker's numbers. 6 is not in use.
/// Source  DhanHQ v2 annexure.
enum class Segment : std::uint8_t {
  kIdxI = 0,
  kNseEq = 1,
  kNseFno = 2,
  kNseCurrency = 3,
  kBseEq = 4,
  kMcxComm = 5,
  kBseCurrency = 7,
  kBseFno = 8,
};

std::optional<Segment> segment_from_code(std::uint8_t code) noexcept;

/// By name, without regard to case: "NSE_EQ", "nse_eq".
std::optional<Segment> segment_from_name(std::string_view name) noexcept;

/// "NSE_EQ".
std::string_view segment_name(Segment segment) noexcept;

}  // namespace ltp
