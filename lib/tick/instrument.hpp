#pragma once

#include "tick/segment.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ltp {

/// What is traded: a security id is unique only together with its segment.
/// Written SEGMENT:ID everywhere a person or another program sees it.
struct Instrument {
  Segment segment;
  std::uint32_t security_id;

  friend auto operator<=>(const Instrument&, const Instrument&) = default;
};

/// Reads "NSE_EQ:2885". The segment's case is folded; the id is 1 to 10 digits, above
/// 0 and within 32 bits. Nothing else is accepted: no blanks, no sign.
std::optional<Instrument> parse_instrument(std::string_view text) noexcept;

/// Appends "NSE_EQ:2885", always with the segment in upper case and no leading zeros.
void append_instrument(std::string& out, Instrument instrument);
std::string to_text(Instrument instrument);

}  // namespace ltp

template <>
struct std::hash<ltp::Instrument> {
  std::size_t operator()(const ltp::Instrument& i) const noexcept {
    // Fibonacci hashing: ids of one segment are dense, and the tables are powers of two.
    const auto word = static_cast<std::uint64_t>(i.segment) << 32 | i.security_id;
    return static_cast<std::size_t>(word * 0x9e3779b97f4a7c15u >> 7);
  }
};
