#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ltp::serve {

/// How much one client may ask for. They may change while clients are connected; what a
/// client has by then it keeps.
struct Limits {
  std::size_t keys = 1000;       // of one subscription
  std::size_t identifiers = 32;  // subscriptions of one ActionCable connection
  unsigned commands_per_s = 50;  // on average; twice as many at once. More: closed with 1008
  std::chrono::milliseconds stall{30'000};  // who takes nothing for so long goes, with 1013
  double max_hz = 0;                        // updates of an instrument; 0: every one

  /// The rate for a client that has asked for one, or for none (0).
  double capped(std::optional<double> asked_hz) const noexcept {
    const double hz = asked_hz.value_or(0);
    return max_hz > 0 && (hz == 0 || hz > max_hz) ? max_hz : hz;
  }
};

/// Counts what a client does against a rate, with room for two seconds' worth at once.
class Meter {
 public:
  /// False: too much.
  bool take(std::int64_t now_ms, unsigned per_s) noexcept {
    const double most = 2.0 * per_s;
    spent_ -= static_cast<double>(now_ms - at_ms_) * per_s / 1000.0;
    if (spent_ < 0) spent_ = 0;
    at_ms_ = now_ms;
    if (spent_ + 1 > most) return false;
    spent_ += 1;
    return true;
  }

 private:
  std::int64_t at_ms_ = 0;
  double spent_ = 0;
};

}  // namespace ltp::serve
