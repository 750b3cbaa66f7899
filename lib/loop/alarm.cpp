#include "loop/alarm.hpp"

#include "base/fault.hpp"
#include "base/unique_fd.hpp"
#include "loop/errors.hpp"
#include "loop/handle.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ltp::loop {

struct Alarm::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& loop, std::function<void()> given)
      : clock(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
        on_ring(std::move(given)) {
    int error = clock ? 0 : errno;
    if (clock) poll = make_poll(static_cast<uv_loop_t*>(loop.native()), clock.get(), error);
    if (error != 0) throw StartError(Fault::kIo, cat("cannot make a timer: ", error_text(error)));
    poll->data = this;
  }

  void set(Moment when) {
    using std::chrono::nanoseconds;
    // Zero would disarm the timer; every moment before now is the same to it.
    const auto since_boot = std::max(when.time_since_epoch(), Moment::duration{1});
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_boot);
    const itimerspec at{
        .it_interval = {},
        .it_value = {.tv_sec = whole.count(), .tv_nsec = nanoseconds(since_boot - whole).count()}};
    timerfd_settime(clock.get(), TFD_TIMER_ABSTIME, &at, nullptr);
    uv_poll_start(poll.get(), UV_READABLE,
                  [](uv_poll_t* handle, int, int) { static_cast<Impl*>(handle->data)->ring(); });
  }

  void stop() {
    const itimerspec never{};
    timerfd_settime(clock.get(), 0, &never, nullptr);
    uv_poll_stop(poll.get());
  }

  void ring() {
    const auto keep = shared_from_this();
    stop();  // which also takes back that it has expired
    if (on_ring) on_ring();
  }

  UniqueFd clock;
  Handle<uv_poll_t> poll;  // goes before the descriptor it polls
  std::function<void()> on_ring;
};

Alarm::Alarm(Loop& loop, std::function<void()> on_ring)
    : impl_(std::make_shared<Impl>(loop, std::move(on_ring))) {}
Alarm::~Alarm() {
  impl_->stop();
}

void Alarm::set(Moment when) {
  impl_->set(when);
}
void Alarm::stop() {
  impl_->stop();
}

}  // namespace ltp::loop
