#pragma once

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

/// Two ends of the real thing: what is written to `in` comes out of `out`.
struct Ends {
  ltp::UniqueFd in;
  ltp::UniqueFd out;
};

inline Ends make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ltp::UniqueFd(fds[1]), ltp::UniqueFd(fds[0])};
}

inline Ends make_sockets() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    throw std::runtime_error("socketpair");
  }
  return {ltp::UniqueFd(fds[1]), ltp::UniqueFd(fds[0])};
}

/// A terminal and the master behind it, as a window on a screen would hold it.
struct Terminal {
  ltp::UniqueFd master;
  ltp::UniqueFd slave;

  explicit Terminal(bool raw) {
    int fds[2];
    if (openpty(&fds[0], &fds[1], nullptr, nullptr, nullptr) != 0) {
      throw std::runtime_error("openpty");
    }
    master.reset(fds[0]);
    slave.reset(fds[1]);
    termios mode{};
    tcgetattr(fds[1], &mode);
    if (raw) {
      cfmakeraw(&mode);
    } else {
      mode.c_lflag &= static_cast<tcflag_t>(~ECHO);
    }
    tcsetattr(fds[1], TCSANOW, &mode);
  }
};

inline void put(const ltp::UniqueFd& to, std::string_view bytes) {
  if (write(to.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("write");
  }
}

/// What can be read now without waiting.
inline std::string take(const ltp::UniqueFd& from) {
  const int flags = fcntl(from.get(), F_GETFL);
  fcntl(from.get(), F_SETFL, flags | O_NONBLOCK);
  std::string all;
  char some[65536];
  for (ssize_t got = 0; (got = read(from.get(), some, sizeof some)) > 0;) {
    all.append(some, static_cast<std::size_t>(got));
  }
  fcntl(from.get(), F_SETFL, flags);
  return all;
}

inline int flags_of(const ltp::UniqueFd& fd) {
  return fcntl(fd.get(), F_GETFL);
}

/// A unix socket that listens, and does not wait in accept().
inline ltp::UniqueFd listen_on(const std::string& path) {
  ltp::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 4) != 0) {
    throw std::runtime_error("cannot listen on " + path);
  }
  return fd;
}
