#pragma once

#include "loop/loop.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::loop {

/// Where to connect: a host and port, or a unix socket if `path` is set.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
};

/// A client's byte stream over TCP or a unix socket.
///
/// Order   open() → on_open → on_data… → on_closed, or open() → on_closed. on_closed
///         comes exactly once per open() unless close() is called first.
/// Errors  A sentence part: "Connection refused", "closed by the other side",
///         "no answer within 5 s".
/// Again   After on_closed, also from inside it, open() may be called again.
class Stream {
 public:
  struct Events {
    std::function<void()> on_open;
    std::function<void(std::string_view bytes)> on_data;
    std::function<void(std::string reason)> on_closed;
    /// pending() has come down to 0 after a time when it was not.
    std::function<void()> on_drained;
  };

  Stream(Loop& loop, Events events);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Resolves and connects; each address of the host is tried in turn; the timeout
  /// covers all of it.
  void open(const Target& target, Ms timeout);

  /// Gives the bytes to the system now; what it does not take waits here.
  void write(std::string_view bytes);
  std::size_t pending() const noexcept;

  /// Closes at once and silently: no event comes any more.
  void close();
  bool is_open() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
