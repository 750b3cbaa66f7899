#include "account_lock.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>

namespace ltp::feed {
namespace {

/// FNV-1a: enough to tell accounts apart.
std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return value;
}

struct Name {
  sockaddr_un address{};
  socklen_t size;
};

Name lock_name(std::string_view client_id, std::string_view broker) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hash(cat(client_id, "@", broker)), 16);
  const auto text = cat("ltp-feed-", std::string_view(digits, end.ptr));
  Name name;
  name.address.sun_family = AF_UNIX;
  text.copy(name.address.sun_path + 1, text.size());  // a leading zero: no file
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

/// "process 4711 (ltp-feed)".
std::string holder(const Name& name) {
  const UniqueFd asking(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ucred who{};
  socklen_t size = sizeof who;
  if (connect(asking.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) != 0 ||
      getsockopt(asking.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.pid == 0)
    return "another process";
  std::string program;
  std::getline(std::ifstream(cat("/proc/", who.pid, "/comm")), program);
  return cat("process ", who.pid, program.empty() ? "" : cat(" (", printable(program), ")"));
}

}  // namespace

AccountLock::AccountLock(std::string_view client_id, std::string_view broker)
    : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto name = lock_name(client_id, broker);
  // Others connect only to see who we are; nobody accepts them, so the queue may fill up,
  // and who comes then is told less.
  if (socket_ &&
      bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) == 0 &&
      listen(socket_.get(), SOMAXCONN) == 0)
    return;
  if (errno == EADDRINUSE)
    throw StartError(Fault::kTryLater, cat("this client id is already fed from ", broker, " by ",
                                           holder(name), "; end that first"));
  throw StartError(Fault::kIo, cat("cannot take the lock of the client id (", std::strerror(errno), ")"));
}

}  // namespace ltp::feed
