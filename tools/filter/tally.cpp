#include "filter/tally.hpp"

#include <utility>

namespace ltp::filter {

Tally::Tally(loop::Loop& loop, When when, std::function<void(std::uint64_t)> tell,
             loop::Ms interval)
    : when_(when), tell_(std::move(tell)), interval_(interval), timer_(loop, [this] {
        if (untold_ > 0 && when_ == When::kAtOnce) timer_.start(interval_);
        tell_rest();
      }) {}

Tally::~Tally() {
  tell_rest();
}

void Tally::add(std::uint64_t count) {
  untold_ += count;
  if (untold_ == 0 || timer_.running()) return;
  timer_.start(interval_);
  if (when_ == When::kAtOnce) tell_rest();
}

void Tally::tell_rest() {
  if (const auto count = std::exchange(untold_, 0); count > 0) tell_(count);
}

}  // namespace ltp::filter
