#include "loop/socket_watch.hpp"

#include "loop/handle.hpp"

#include <cassert>
#include <utility>

namespace ltp::loop {

struct SocketWatch::Impl : std::enable_shared_from_this<SocketWatch::Impl> {
  Impl(Loop& loop, int fd, std::function<void()> handler) : on_ready(std::move(handler)) {
    int error = 0;
    poll = make_poll(static_cast<uv_loop_t*>(loop.native()), fd, error);
    assert(poll && "of a socket that is watched already");
    poll->data = this;
  }

  void want(int events) {
    if (std::exchange(wanted, events) == events) return;
    if (events == 0) {
      uv_poll_stop(poll.get());
      return;
    }
    uv_poll_start(poll.get(), events, [](uv_poll_t* handle, int, int) {
      const auto self = static_cast<Impl*>(handle->data)->shared_from_this();
      self->on_ready();
    });
  }

  std::function<void()> on_ready;
  Handle<uv_poll_t> poll;
  int wanted = 0;
};

SocketWatch::SocketWatch(Loop& loop, int fd, std::function<void()> on_ready)
    : impl_(std::make_shared<Impl>(loop, fd, std::move(on_ready))) {}

SocketWatch::~SocketWatch() {
  // Closed now, even if a callback further up still holds the Impl.
  impl_->poll.reset();
}

void SocketWatch::want_readable() {
  impl_->want(UV_READABLE);
}
void SocketWatch::want_writable() {
  impl_->want(UV_WRITABLE);
}
void SocketWatch::want_nothing() {
  impl_->want(0);
}

}  // namespace ltp::loop
