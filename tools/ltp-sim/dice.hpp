#pragma once

#include "tick/instrument.hpp"

#include <cstdint>

namespace ltp::sim {

/// Numbers that a seed and an instrument give, the same on every machine. A generator of
/// the library's kind takes 2,500 bytes and microseconds to seed; a market has thousands.
class Dice {
 public:
  Dice(std::uint32_t seed, Instrument instrument) noexcept
      : state_(seed * kStep ^ static_cast<std::uint64_t>(instrument.segment) << 32 ^
               instrument.security_id) {}

  /// 0 to n - 1. Precondition: n > 0.
  std::uint32_t below(std::uint32_t n) noexcept {
    state_ += kStep;
    auto mixed = state_;  // splitmix64
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return static_cast<std::uint32_t>((mixed ^ mixed >> 31) % n);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;
  std::uint64_t state_;
};

}  // namespace ltp::sim
