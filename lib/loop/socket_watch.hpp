#pragma once

#include "loop/loop.hpp"

#include <functional>
#include <memory>

namespace ltp::loop {

/// Tells when a socket is ready, again and again for as long as it is and somebody wants to
/// know. Made quiet. Wanting the same all the time costs no system call.
///
/// Ends      The other side's end and an error are told as ready, too: the next read or write
///           says which. After an error nothing is told any more.
/// Lifetime  Gone before the descriptor is closed. May be destroyed inside its own callback.
class SocketWatch {
 public:
  /// `fd` is a socket of ours that nobody else watches on this loop.
  SocketWatch(Loop& loop, int fd, std::function<void()> on_ready);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// One of them at a time.
  void want_readable();
  void want_writable();
  void want_nothing();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
