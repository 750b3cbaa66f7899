#include "redis/once.hpp"

#include "base/unique_fd.hpp"
#include "redis/codec.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

namespace ltp::redis {
namespace {

constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};

UniqueFd connected(const sockaddr* address, socklen_t size) {
  UniqueFd fd(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  if (connect(fd.get(), address, size) != 0) return {};
  return fd;
}

UniqueFd connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  path.copy(address.sun_path, path.size());
  return connected(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

UniqueFd connect_tcp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next)
    if (auto fd = connected(one->ai_addr, one->ai_addrlen)) return fd;
  return {};
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto taken = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (taken <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
  return true;
}

}  // namespace

bool ask_once(const Address& address, std::span<const std::string_view> words,
              const std::function<void(const Reply& reply)>& on_reply) {
  if (address.tls || !address.sentinels.empty()) return false;
  std::string out;
  int before = 0;  // answers to the login
  const auto say = [&](std::initializer_list<std::string_view> login) {
    append_command(out, {login.begin(), login.size()});
    ++before;
  };
  if (!address.user.empty())
    say({"AUTH", address.user, address.password});
  else if (!address.password.empty())
    say({"AUTH", address.password});
  if (address.db != 0) say({"SELECT", std::to_string(address.db)});
  append_command(out, words);

  const auto fd =
      address.path.empty() ? connect_tcp(address.host, address.port) : connect_unix(address.path);
  if (!fd || !send_all(fd.get(), out)) return false;

  bool good = true;
  bool answered = false;
  ReplyReader replies;
  std::array<char, 16 << 10> buffer;
  while (good && !answered) {
    const auto got = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    const auto fed = replies.feed({buffer.data(), static_cast<std::size_t>(got)}, [&](const Reply& reply) {
      if (reply.is_error()) {
        good = false;
      } else if (before > 0) {
        --before;
      } else {
        answered = true;
        on_reply(reply);
      }
      return good && !answered;
    });
    if (fed == ReplyReader::Fed::kBroken) return false;
  }
  return good;
}

}  // namespace ltp::redis
