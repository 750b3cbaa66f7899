#include "loop/loop.hpp"

#include <uv.h>

#include <cassert>
#include <deque>
#include <utility>
#include <vector>

namespace ltp::loop {

struct Loop::Impl {
  uv_loop_t uv{};
  uv_idle_t soon{};  // running while there are tasks: an idle handle takes no system call
  std::deque<std::function<void()>> tasks;

  void run_tasks() {
    // Only those that are there now: a task that defers another must not hold the loop.
    for (auto left = tasks.size(); left > 0 && !tasks.empty(); --left) {
      const auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
    if (tasks.empty()) uv_idle_stop(&soon);
  }
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  uv_loop_init(&impl_->uv);
  uv_idle_init(&impl_->uv, &impl_->soon);
  impl_->soon.data = impl_.get();
}

Loop::~Loop() {
  impl_->tasks.clear();
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->soon), nullptr);
  // Let closing handles finish; nothing else may be left (the contract above).
  uv_run(&impl_->uv, UV_RUN_NOWAIT);
  uv_run(&impl_->uv, UV_RUN_NOWAIT);
  [[maybe_unused]] const int left = uv_loop_close(&impl_->uv);
  assert(left == 0 && "a handle outlived its loop");
}

void Loop::run() {
  uv_run(&impl_->uv, UV_RUN_DEFAULT);
}
void Loop::stop() {
  uv_stop(&impl_->uv);
}
void* Loop::native() noexcept {
  return &impl_->uv;
}

void Loop::defer(std::function<void()> task) {
  impl_->tasks.push_back(std::move(task));
  uv_idle_start(&impl_->soon, [](uv_idle_t* soon) { static_cast<Impl*>(soon->data)->run_tasks(); });
}

namespace {

/// A libuv handle is closed in two steps. The shared Impl lives until the second.
template <class Impl, class Handle>
void close_later(std::shared_ptr<Impl> impl, Handle Impl::*handle) {
  auto* uv = reinterpret_cast<uv_handle_t*>(&((*impl).*handle));
  impl->on_event = nullptr;
  uv->data = new std::shared_ptr<Impl>(std::move(impl));
  uv_close(uv, [](uv_handle_t* h) { delete static_cast<std::shared_ptr<Impl>*>(h->data); });
}

/// Calls a copy: the callback may destroy its owner and with it the original.
void call(const std::function<void()>& on_event) {
  if (const auto copy = on_event) copy();
}

}  // namespace

struct Timer::Impl {
  uv_timer_t uv{};
  std::function<void()> on_event;
};

Timer::Timer(Loop& loop, std::function<void()> on_fire) : impl_(std::make_shared<Impl>()) {
  uv_timer_init(&loop.impl().uv, &impl_->uv);
  impl_->uv.data = impl_.get();
  impl_->on_event = std::move(on_fire);
}
Timer::~Timer() {
  close_later(std::move(impl_), &Impl::uv);
}

void Timer::start(Ms first, Ms repeat) {
  uv_update_time(impl_->uv.loop);  // a long callback must not make the wait shorter
  uv_timer_start(
      &impl_->uv, [](uv_timer_t* t) { call(static_cast<Impl*>(t->data)->on_event); },
      static_cast<std::uint64_t>(first.count()), static_cast<std::uint64_t>(repeat.count()));
}
void Timer::stop() {
  uv_timer_stop(&impl_->uv);
}
bool Timer::running() const noexcept {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&impl_->uv)) != 0;
}

struct BeforeSleep::Impl {
  uv_prepare_t uv{};
  std::function<void()> on_event;
};

BeforeSleep::BeforeSleep(Loop& loop, std::function<void()> on_prepare)
    : impl_(std::make_shared<Impl>()) {
  uv_prepare_init(&loop.impl().uv, &impl_->uv);
  impl_->uv.data = impl_.get();
  impl_->on_event = std::move(on_prepare);
  uv_prepare_start(&impl_->uv,
                   [](uv_prepare_t* p) { call(static_cast<Impl*>(p->data)->on_event); });
  uv_unref(reinterpret_cast<uv_handle_t*>(&impl_->uv));
}
BeforeSleep::~BeforeSleep() {
  close_later(std::move(impl_), &Impl::uv);
}

struct Signals::Impl {
  struct One {
    uv_signal_t uv{};
    std::function<void(int)> on_event;
  };
  std::vector<std::shared_ptr<One>> all;
};

Signals::Signals(Loop& loop, std::initializer_list<int> numbers, std::function<void(int)> on_signal)
    : impl_(std::make_unique<Impl>()) {
  for (const int number : numbers) {
    auto one = std::make_shared<Impl::One>();
    uv_signal_init(&loop.impl().uv, &one->uv);
    one->uv.data = one.get();
    one->on_event = on_signal;
    uv_signal_start(
        &one->uv,
        [](uv_signal_t* s, int n) {
          if (const auto copy = static_cast<Impl::One*>(s->data)->on_event) copy(n);
        },
        number);
    uv_unref(reinterpret_cast<uv_handle_t*>(&one->uv));
    impl_->all.push_back(std::move(one));
  }
}
Signals::~Signals() {
  for (auto& one : impl_->all) close_later(std::move(one), &Impl::One::uv);
}

}  // namespace ltp::loop
