#pragma once

#include "base/unique_fd.hpp"
#include "loop/handle.hpp"
#include "loop/loop.hpp"

#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

/// Inside lib/loop only.
namespace ltp::loop {

/// Tells when a descriptor that is shared with other programs is ready, and leaves its
/// flags alone. libuv makes whatever it polls non-blocking; here that is an epoll set
/// of our own, with the descriptor in it.
///
/// Lifetime  Made by, and gone before, an Impl that the callback may keep alive.
class FdWatch {
 public:
  FdWatch(Loop& loop, int fd, std::function<void()> on_ready)
      : fd_(fd), on_ready_(std::move(on_ready)) {
    if (fcntl(fd, F_GETFD) < 0) {  // asked first: the set could get the very number
      error_ = errno;
      return;
    }
    set_.reset(epoll_create1(EPOLL_CLOEXEC));
    epoll_event none{};
    if (!set_ || epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &none) != 0) {
      error_ = errno;
      return;
    }
    poll_ = make_poll(static_cast<uv_loop_t*>(loop.native()), set_.get(), error_);
    if (poll_) poll_->data = this;
  }

  /// 0; EPERM for what is always ready (a regular file, /dev/null); else why not.
  int error() const noexcept { return error_; }

  /// EPOLLIN, EPOLLOUT, or 0 to hear only that the other end has gone. Precondition:
  /// error() is 0. `keep_running`: whether this is a reason for run() to go on.
  void start(std::uint32_t events, bool keep_running = true) {
    if (active_ && events == events_) return;
    active_ = true;
    events_ = events;
    epoll_event wanted{};
    wanted.events = events;
    epoll_ctl(set_.get(), EPOLL_CTL_MOD, fd_, &wanted);
    keep_running ? uv_ref(base(poll_)) : uv_unref(base(poll_));
    uv_poll_start(poll_.get(), UV_READABLE, [](uv_poll_t* poll, int, int) {
      static_cast<FdWatch*>(poll->data)->on_ready_();
    });
  }
  void stop() {
    if (std::exchange(active_, false)) uv_poll_stop(poll_.get());
  }

  /// What of that is so now (EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP).
  std::uint32_t ready() const noexcept {
    epoll_event now{};
    return epoll_wait(set_.get(), &now, 1, 0) == 1 ? now.events : 0;
  }

 private:
  int fd_;
  UniqueFd set_;
  Handle<uv_poll_t> poll_;  // goes before the set it polls
  std::function<void()> on_ready_;
  int error_ = 0;
  bool active_ = false;
  std::uint32_t events_ = 0;
};

}  // namespace ltp::loop
