#include "loop/acceptor.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "loop/handle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace ltp::loop {
namespace {

constexpr Ms kPause{100};
constexpr int kAcceptsPerTurn = 64;  // a storm of clients must not hold the others

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address make_address(const std::string& text, std::uint16_t port) {
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof v6;
  } else {
    throw StartError(Fault::kUsage, cat("'", printable(text), "' is no numeric address"));
  }
  return address;
}

std::string text_of(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, text, sizeof text);
  } else if (storage.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, text,
              sizeof text);
  }
  return text;
}

UniqueFd listen_on(const std::string& text, std::uint16_t port) {
  auto address = make_address(text, port);
  UniqueFd fd{socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  constexpr int kOn = 1;
  if (fd) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  if (!fd || bind(fd.get(), address.get(), address.size) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    const int why = errno;
    throw StartError(Fault::kIo, why == EADDRINUSE
                                     ? cat("port ", port, " on ", text, " is taken (",
                                           std::strerror(why), "); choose another with --port")
                                     : cat("cannot listen on port ", port, " of ", text, " (",
                                           std::strerror(why), ")"));
  }
  return fd;
}

}  // namespace

struct Acceptor::Impl : std::enable_shared_from_this<Acceptor::Impl> {
  Impl(Loop& loop, UniqueFd listening, OnAccept handler)
      : fd(std::move(listening)),
        on_accept(std::move(handler)),
        pause(std::in_place, loop, [this] { watch(); }) {
    int error = 0;
    poll = make_poll(static_cast<uv_loop_t*>(loop.native()), fd.get(), error);
    if (!poll) throw StartError(Fault::kIo, cat("cannot listen (", std::strerror(error), ")"));
    poll->data = this;
    watch();
  }

  void watch() {
    uv_poll_start(poll.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
      static_cast<Impl*>(handle->data)->shared_from_this()->accept_some();
    });
  }

  void accept_some() {
    for (int i = 0; i < kAcceptsPerTurn && poll; ++i) {
      Address from;
      from.size = sizeof from.storage;
      UniqueFd client{accept4(fd.get(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (!client) {
        const bool full = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
        if (full) {
          uv_poll_stop(poll.get());
          pause->start(kPause);
        }
        if (full || errno == EAGAIN) return;
        continue;  // that client has gone already
      }
      on_accept(std::move(client), text_of(from.storage));
    }
  }

  UniqueFd fd;
  OnAccept on_accept;
  Handle<uv_poll_t> poll;  // goes before the descriptor
  std::optional<Timer> pause;
};

Acceptor::Acceptor(Loop& loop, const std::string& address, std::uint16_t port, OnAccept on_accept)
    : impl_(std::make_shared<Impl>(loop, listen_on(address, port), std::move(on_accept))) {}

Acceptor::~Acceptor() {
  // Closed now, even if a callback further up still holds the Impl.
  impl_->poll.reset();
  impl_->pause.reset();
  impl_->fd.reset();
}

std::uint16_t Acceptor::port() const noexcept {
  Address own;
  own.size = sizeof own.storage;
  getsockname(impl_->fd.get(), own.get(), &own.size);
  return ntohs(own.storage.ss_family == AF_INET
                   ? reinterpret_cast<sockaddr_in&>(own.storage).sin_port
                   : reinterpret_cast<sockaddr_in6&>(own.storage).sin6_port);
}

}  // namespace ltp::loop
