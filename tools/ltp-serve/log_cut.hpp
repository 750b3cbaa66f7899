#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ltp::serve {

/// How long a log of lines is kept for those who are a little behind.
struct LogBounds {
  static constexpr std::size_t kSmall = 1 << 20;  // below that everything is kept
  static constexpr std::size_t kLarge = 4 << 20;  // never more
};

/// How many records to drop from the front of a log of `bytes`, whose first has version
/// `first` and whose lines up to version `stale` are too old for anybody. Nothing unless it
/// is a good part: what stays is moved.
template <class Start>
std::size_t log_cut(const std::vector<Start>& starts, std::size_t bytes, std::uint64_t first,
                    std::uint64_t stale) {
  if (bytes <= LogBounds::kSmall) return 0;
  const auto keeping = [&](std::size_t most) {
    const auto at = std::lower_bound(
        starts.begin(), starts.end(), bytes - std::min(bytes, most),
        [](const Start& start, std::size_t offset) { return start.offset < offset; });
    return static_cast<std::size_t>(at - starts.begin());
  };
  if (bytes > LogBounds::kLarge) return keeping(LogBounds::kLarge / 2);
  const auto old = stale < first ? 0 : static_cast<std::size_t>(stale - first) + 1;
  const auto cut = std::min(keeping(LogBounds::kSmall / 2), old);
  const bool worth_it = cut > 0 && cut < starts.size() && starts[cut].offset >= bytes / 4;
  return worth_it ? cut : 0;
}

}  // namespace ltp::serve
