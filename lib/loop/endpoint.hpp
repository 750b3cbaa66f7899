#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

/// Inside lib/loop only.
namespace ltp::loop {

/// An address as the socket calls want it.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address); }
};

/// `numeric` as a Resolver gives it: "127.0.0.1", "fe80::1%eth0".
std::optional<Endpoint> tcp_endpoint(const std::string& numeric, std::uint16_t port);

/// None if the path is empty, too long for the system (107 bytes) or holds a NUL.
std::optional<Endpoint> unix_endpoint(const std::string& path);

}  // namespace ltp::loop
