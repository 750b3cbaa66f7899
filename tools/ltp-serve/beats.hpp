#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ltp::serve {

/// When clients get their signs of life: each in its turn once in kEvery_ms, in groups, so
/// that thousands are not written at once.
///
/// Asked  By a timer, and by whoever keeps the loop busy, as often as they like: the rhythm
///        stays. What is late comes at once and does not make the next one late.
/// Pure   Milliseconds that never go back are given.
class Beats {
 public:
  static constexpr std::int64_t kEvery_ms = 3000;
  static constexpr std::size_t kGroups = 10;
  static constexpr std::int64_t kStep_ms = kEvery_ms / static_cast<std::int64_t>(kGroups);

  explicit Beats(std::int64_t now_ms) noexcept : next_ms_(now_ms + kStep_ms) {}

  /// The group that is due; to be asked again until none is.
  std::optional<std::size_t> due(std::int64_t now_ms) noexcept {
    constexpr std::int64_t kSlack_ms = 5;  // a timer may be early
    if (now_ms + kSlack_ms < next_ms_) return std::nullopt;
    next_ms_ = std::max(next_ms_, now_ms - kEvery_ms) + kStep_ms;
    const auto group = group_;
    group_ = (group_ + 1) % kGroups;
    return group;
  }

 private:
  std::int64_t next_ms_;
  std::size_t group_ = 0;
};

}  // namespace ltp::serve
