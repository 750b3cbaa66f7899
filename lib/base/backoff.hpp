#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace ltp {

/// Waits between tries: a step that doubles from `first` to `most`, each wait drawn from
/// [least, step] (full jitter), so that many clients do not come back as one.
/// Precondition: 0 <= least <= first <= most.
class Backoff {
 public:
  using Ms = std::chrono::milliseconds;
  Backoff(Ms first, Ms most, Ms least = Ms{0})
      : least_(least), first_(first), most_(most), step_(first) {}

  /// The wait before the next try.
  Ms next() {
    const Ms step = step_;
    step_ = std::min(step_ * 2, most_);
    std::uniform_int_distribution<Ms::rep> spread(least_.count(), step.count());
    return Ms{spread(random_)};
  }
  /// It worked: start again from `first`.
  void reset() noexcept { step_ = first_; }

 private:
  Ms least_, first_, most_, step_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace ltp
