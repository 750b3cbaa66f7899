#pragma once

#include "loop/loop.hpp"

#include <cstdint>
#include <functional>

namespace ltp::filter {

/// Counts what is too frequent to be told each time, and tells the sum now and then.
///
/// When   kAtOnce: the first at once, what follows at most once per interval. kSummed:
///        an interval after the first. Both tell the rest when they go.
class Tally {
 public:
  enum class When { kAtOnce, kSummed };
  static constexpr loop::Ms kInterval{10'000};

  /// `tell` gets the number of events that it has not been told of, never 0.
  Tally(loop::Loop& loop, When when, std::function<void(std::uint64_t count)> tell,
        loop::Ms interval = kInterval);
  ~Tally();
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  void add(std::uint64_t count = 1);

 private:
  void tell_rest();

  When when_;
  std::function<void(std::uint64_t)> tell_;
  loop::Ms interval_;
  loop::Timer timer_;
  std::uint64_t untold_ = 0;
};

}  // namespace ltp::filter
