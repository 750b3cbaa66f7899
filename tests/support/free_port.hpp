#pragma once

#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

/// A port of 127.0.0.1 that nobody had a moment ago.
inline std::uint16_t free_port() {
  const ltp::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  bind(fd.get(), reinterpret_cast<sockaddr*>(&here), size);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&here), &size);
  return ntohs(here.sin_port);
}
