#pragma once

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

/// A listening TCP socket on a free port of 127.0.0.1 and the last connection to it: a
/// server that says and hears exactly what a test wants, byte by byte. Never waits.
class RawServer {
 public:
  explicit RawServer(int backlog = 16)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    if (bind(listener_.get(), address(), size) != 0 || listen(listener_.get(), backlog) != 0) {
      throw std::runtime_error("RawServer cannot listen");
    }
    getsockname(listener_.get(), address(), &size);
  }

  std::uint16_t port() const { return ntohs(address_.sin_port); }
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&address_); }

  /// True once somebody has connected; a new connection takes the place of the last.
  bool accept() {
    const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return false;
    peer_.reset(fd);
    ++accepted_;
    heard_.clear();
    ended_ = false;
    return true;
  }
  int accepted() const { return accepted_; }
  bool connected() const { return static_cast<bool>(peer_); }

  void say(std::string_view bytes) {
    const auto said = send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (said != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("RawServer::say");
  }

  /// All that the peer has sent over this connection up to now.
  const std::string& heard() {
    char some[65536];
    ssize_t got = 0;
    while ((got = recv(peer_.get(), some, sizeof some, 0)) > 0) {
      heard_.append(some, static_cast<std::size_t>(got));
    }
    ended_ = ended_ || got == 0 || errno == ECONNRESET;
    return heard_;
  }
  /// The peer has closed.
  bool ended() {
    heard();
    return ended_;
  }

  void hang_up() { peer_.reset(); }
  /// As when the machine behind the connection was restarted.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(peer_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    peer_.reset();
  }
  void stop_listening() { listener_.reset(); }

 private:
  ltp::UniqueFd listener_;
  ltp::UniqueFd peer_;
  sockaddr_in address_{};
  std::string heard_;
  bool ended_ = false;
  int accepted_ = 0;
};
