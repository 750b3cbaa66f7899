#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace ltp {

/// Waits between tries: doubling from `first` to `most`, each spread by full jitter
/// over [half, whole] of its step, so that many clients do not come back as one.
class Backoff {
 public:
  using Ms = std::chrono::milliseconds;
  Backoff(Ms first, Ms most) : first_(first), most_(most), step_(first) {}

  /// The wait before the next try.
  Ms next() {
    const Ms step = step_;
    step_ = std::min(step_ * 2, most_);
    std::uniform_int_distribution<Ms::rep> spread(step.count() / 2, step.count());
    return Ms{spread(random_)};
  }
  /// It worked: start again from `first`.
  void reset() noexcept { step_ = first_; }

 private:
  Ms first_, most_, step_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace ltp
