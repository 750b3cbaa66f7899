#pragma once

#include "base/unique_fd.hpp"
#include "loop/loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ltp::loop {

/// A listening TCP socket. Accepts while it lives.
///
/// Errors  The constructor throws StartError(kIo): "port 3000 on 127.0.0.1 is taken
///         (Address already in use); choose another with --port".
/// Full    Out of descriptors it pauses for 100 ms at a time instead of spinning.
class Acceptor {
 public:
  /// `peer` is the client's numeric address. The descriptor is non-blocking.
  using OnAccept = std::function<void(UniqueFd fd, std::string peer)>;

  /// `address` is numeric, IPv4 or IPv6; port 0 is any free one.
  Acceptor(Loop& loop, const std::string& address, std::uint16_t port, OnAccept on_accept);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  std::uint16_t port() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
