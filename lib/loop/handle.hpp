#pragma once

#include <uv.h>

#include <memory>

/// Inside lib/loop only: libuv handles as owned objects.
namespace ltp::loop {

/// Closes the handle at once, so that no callback of it comes any more; libuv gets the
/// memory for as long as it still needs it.
template <class Uv>
struct CloseHandle {
  void operator()(Uv* handle) const noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Uv*>(closed); });
  }
};

/// Only a handle that was given to uv_…_init may stand in one.
template <class Uv>
using Handle = std::unique_ptr<Uv, CloseHandle<Uv>>;

/// Null if libuv cannot poll the descriptor, with the reason in `error` (an errno).
inline Handle<uv_poll_t> make_poll(uv_loop_t* loop, int fd, int& error) {
  auto poll = std::make_unique<uv_poll_t>();
  error = -uv_poll_init(loop, poll.get(), fd);
  return Handle<uv_poll_t>(error == 0 ? poll.release() : nullptr);
}

template <class Uv>
uv_handle_t* base(const Handle<Uv>& handle) noexcept {
  return reinterpret_cast<uv_handle_t*>(handle.get());
}

}  // namespace ltp::loop
