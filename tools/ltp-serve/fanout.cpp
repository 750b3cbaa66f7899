#include "fanout.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <utility>

namespace ltp::serve {

Fanout::Fanout(loop::Loop& loop, Hub& hub, std::function<void()> after_each)
    : hub_(hub),
      after_each_(std::move(after_each)),
      next_(loop, [this] { flush(); }),
      rated_(loop, [this] { flush(); }) {
  hub_.on_flushed = [this] {
    if (after_each_) after_each_();
  };
  hub_.on_due = [this] { set_rated_timer(); };
}

Fanout::~Fanout() {
  hub_.on_flushed = hub_.on_due = nullptr;
}

void Fanout::dry() {
  if (waiting_ || !hub_.dirty()) return;
  if (Clock::now() >= not_before_) return flush();
  waiting_ = true;
  next_.set(not_before_);
}

void Fanout::flush() {
  if (std::exchange(waiting_, false)) next_.stop();
  const auto begin = Clock::now();
  hub_.flush();
  const auto end = Clock::now();
  cost_ = (3 * cost_ + std::chrono::duration_cast<Us>(end - begin)) / 4;
  not_before_ = end + pause_after(cost_);
  set_rated_timer();
}

Fanout::Us Fanout::pause_after(Us cost) noexcept {
  return cost < kCheap ? Us{0} : std::min(cost, kLongest);
}

void Fanout::set_rated_timer() {
  const auto due_ms = hub_.next_due_ms();
  if (!due_ms) return rated_.stop();
  rated_.start(loop::Ms{std::max<std::int64_t>(0, *due_ms - steady_ms())});
}

}  // namespace ltp::serve
