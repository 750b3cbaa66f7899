#pragma once

#include "tick/instrument.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ltp::serve {

/// A set of segments, one bit for each.
using SegmentMask = std::uint16_t;
inline constexpr SegmentMask kEverySegment = 0x1ff;

constexpr SegmentMask mask_of(Segment segment) noexcept {
  return static_cast<SegmentMask>(1u << static_cast<unsigned>(segment));
}

/// What a subscriber wants: everything, whole segments, single instruments.
struct Filter {
  bool all = false;
  SegmentMask segments = 0;
  std::vector<Instrument> instruments;

  bool empty() const noexcept { return !all && segments == 0 && instruments.empty(); }
  /// How many keys name it.
  std::size_t keys() const noexcept {
    return all + static_cast<std::size_t>(std::popcount(segments)) + instruments.size();
  }
  /// The segments that it wants as a whole.
  SegmentMask mask() const noexcept { return all ? kEverySegment : segments; }
  bool wants(Instrument instrument) const noexcept;

  /// Adds what is not in it; takes away exactly the keys named: "NSE_EQ:2885" taken from
  /// "NSE_EQ:*" leaves it as it is.
  void add(const Filter& more);
  void remove(const Filter& less);
};

}  // namespace ltp::serve
