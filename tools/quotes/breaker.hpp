#pragma once

#include <cstdint>

namespace ltp::quotes {

/// Keeps from asking a broker that only fails: after three failures in a row nobody asks
/// for 5 s, then one asks; each further failure doubles the time, to 60 s.
/// Pure  Times are milliseconds of any one clock.
class Breaker {
 public:
  void failed(std::int64_t now_ms) noexcept;
  void worked() noexcept;

  /// Until when nobody asks; in the past: go on.
  std::int64_t open_until_ms() const noexcept { return until_ms_; }

 private:
  int failures_ = 0;  // in a row
  std::int64_t until_ms_ = 0;
};

}  // namespace ltp::quotes
