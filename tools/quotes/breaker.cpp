#include "quotes/breaker.hpp"

#include <algorithm>

namespace ltp::quotes {
namespace {

constexpr int kPatience = 3;  // failures
constexpr std::int64_t kFirst_ms = 5'000;
constexpr std::int64_t kMost_ms = 60'000;
constexpr int kMostDoublings = 4;

}  // namespace

void Breaker::failed(std::int64_t now_ms) noexcept {
  ++failures_;
  if (failures_ < kPatience) return;
  const int doublings = std::min(failures_ - kPatience, kMostDoublings);
  until_ms_ = now_ms + std::min(kFirst_ms << doublings, kMost_ms);
}

void Breaker::worked() noexcept {
  failures_ = 0;
  until_ms_ = 0;
}

}  // namespace ltp::quotes
