#pragma once

#include "base/unique_fd.hpp"
#include "loop/listen.hpp"
#include "loop/loop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace ltp::loop {

/// Accepts clients on a socket while it lives.
///
/// Full    Out of descriptors it pauses for 100 ms at a time instead of spinning.
class Acceptor {
 public:
  /// `peer` is the client's numeric address, empty on a unix socket. The descriptor is
  /// non-blocking.
  using OnAccept = std::function<void(UniqueFd fd, std::string peer)>;

  Acceptor(Loop& loop, Listener listener, OnAccept on_accept);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  const Listener& listener() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
