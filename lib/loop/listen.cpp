#include "loop/listen.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "loop/endpoint.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace ltp::loop {
namespace {

constexpr int kFirstInherited = 3;
constexpr int kMostInherited = 64;

/// As the socket calls tell it of a socket.
struct Name {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  explicit Name(int fd) {
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) storage.ss_family = 0;
  }
  const auto& v4() const { return reinterpret_cast<const sockaddr_in&>(storage); }
  const auto& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage); }
  const auto& local() const { return reinterpret_cast<const sockaddr_un&>(storage); }
};

UniqueFd make_socket(int family) {
  return UniqueFd{socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

/// True if somebody accepts there; a socket file that nobody has open refuses.
bool is_listened_on(const Endpoint& endpoint) {
  const auto fd = make_socket(AF_UNIX);
  return connect(fd.get(), endpoint.get(), endpoint.size) == 0 || errno != ECONNREFUSED;
}

bool is_socket(const std::string& path) {
  struct stat about {};
  return lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode);
}

[[noreturn]] void fail(const std::string& what, int why) {
  throw StartError(Fault::kIo, cat("cannot listen on ", what, " (", std::strerror(why), ")"));
}

[[noreturn]] void fail_tcp(const std::string& address, std::uint16_t port, int why) {
  if (why == EADDRINUSE)
    throw StartError(Fault::kIo, cat("port ", port, " on ", address, " is taken (",
                                     std::strerror(why), "); choose another with --port"));
  fail(cat("port ", port, " of ", address), why);
}

UniqueFd bound_tcp(const std::string& address, std::uint16_t port, bool share_port) {
  const auto endpoint = tcp_endpoint(address, port);
  if (!endpoint)
    throw StartError(Fault::kUsage, cat("'", printable(address), "' is no numeric address"));
  auto fd = make_socket(endpoint->address.ss_family);
  constexpr int kOn = 1;
  if (fd) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  if (fd && share_port) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof kOn);
  if (!fd || bind(fd.get(), endpoint->get(), endpoint->size) != 0) fail_tcp(address, port, errno);
  return fd;
}

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  int number = 0;
  const auto* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

}  // namespace

Listener::~Listener() {
  if (fd && !own_path.empty()) unlink(own_path.c_str());
}

Listener listen_tcp(const std::string& address, std::uint16_t port, bool share_port) {
  auto fd = bound_tcp(address, port, share_port);
  if (listen(fd.get(), SOMAXCONN) != 0) fail_tcp(address, port, errno);
  return Listener{std::move(fd)};
}

Listener reserve_tcp(const std::string& address, std::uint16_t port) {
  return Listener{bound_tcp(address, port, true)};
}

Listener listen_unix(const std::string& path, unsigned mode) {
  const auto endpoint = unix_endpoint(path);
  if (!endpoint)
    throw StartError(Fault::kUsage,
                     cat("'", printable(path), "' is no path for a socket: 1 to 107 bytes"));
  auto fd = make_socket(AF_UNIX);
  if (!fd) fail(printable(path), errno);
  int bound = bind(fd.get(), endpoint->get(), endpoint->size);
  if (bound != 0 && errno == EADDRINUSE) {
    if (!is_socket(path) || is_listened_on(*endpoint))
      throw StartError(Fault::kIo, cat(printable(path), " is taken by another program"));
    unlink(path.c_str());
    bound = bind(fd.get(), endpoint->get(), endpoint->size);
  }
  // Nobody can connect before it listens, and then the mode is right.
  if (bound != 0) fail(printable(path), errno);
  Listener made{std::move(fd), path};
  if (chmod(path.c_str(), mode) != 0 || listen(made.fd.get(), SOMAXCONN) != 0)
    fail(printable(path), errno);
  return made;
}

std::vector<Listener> inherited_listeners() {
  const auto pid = number_in("LISTEN_PID");
  const auto count = number_in("LISTEN_FDS");
  for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
  std::vector<Listener> listeners;
  if (!pid || *pid != getpid() || !count || *count < 1 || *count > kMostInherited) return listeners;
  for (int fd = kFirstInherited; fd < kFirstInherited + *count; ++fd) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
      throw StartError(Fault::kConfig, cat("descriptor ", fd,
                                           " of LISTEN_FDS is no socket that "
                                           "listens; is it a ListenStream?"));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    listeners.emplace_back(UniqueFd{fd});
  }
  return listeners;
}

std::uint16_t port_of(const Listener& listener) noexcept {
  const Name name(listener.fd.get());
  if (name.storage.ss_family == AF_INET) return ntohs(name.v4().sin_port);
  return name.storage.ss_family == AF_INET6 ? ntohs(name.v6().sin6_port) : std::uint16_t{0};
}

std::string label_of(const Listener& listener) {
  const Name name(listener.fd.get());
  char text[INET6_ADDRSTRLEN] = "";
  if (name.storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &name.v4().sin_addr, text, sizeof text);
    return cat(text, ":", port_of(listener));
  }
  if (name.storage.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &name.v6().sin6_addr, text, sizeof text);
    return cat("[", text, "]:", port_of(listener));
  }
  const auto size = name.size - offsetof(sockaddr_un, sun_path);
  return cat("unix:", std::string(name.local().sun_path, strnlen(name.local().sun_path, size)));
}

}  // namespace ltp::loop
