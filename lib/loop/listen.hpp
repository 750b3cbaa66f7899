#pragma once

#include "base/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Sockets to accept clients on: made here, or handed over by who started us.
///
/// Errors  StartError(kIo) with what and why: "port 3000 on 127.0.0.1 is taken (Address
///         already in use); choose another with --port".
namespace ltp::loop {

/// A socket that listens, non-blocking and not for children. One on a path of ours removes
/// it in the end.
struct Listener {
  Listener(UniqueFd socket, std::string path = {})
      : fd(std::move(socket)), own_path(std::move(path)) {}
  ~Listener();
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;

  UniqueFd fd;
  std::string own_path;  // of a unix socket that we have made; else empty
};

/// `address` is numeric, IPv4 or IPv6; port 0 is any free one. With `share_port` other
/// sockets that say so too may have the same port, and the system spreads clients over them.
Listener listen_tcp(const std::string& address, std::uint16_t port, bool share_port = false);

/// Keeps a port for those who will share it, and takes no client itself.
Listener reserve_tcp(const std::string& address, std::uint16_t port);

/// A socket that nobody listens on any more is replaced, anything else that is there is not.
/// `mode` as of chmod, such as 0660: who may connect.
Listener listen_unix(const std::string& path, unsigned mode);

/// Those that systemd has opened for this process (LISTEN_FDS); none if there are none. The
/// variables are taken out of the environment.
std::vector<Listener> inherited_listeners();

/// The port of a TCP socket, 0 of others.
std::uint16_t port_of(const Listener& listener) noexcept;

/// Where it listens, for people: "127.0.0.1:3000", "[::1]:3000", "unix:/run/ltp.sock".
std::string label_of(const Listener& listener);

}  // namespace ltp::loop
