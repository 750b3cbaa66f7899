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

}  // namespace

struct Acceptor::Impl : std::enable_shared_from_this<Acceptor::Impl> {
  Impl(Loop& loop, Listener listening, OnAccept handler)
      : listener(std::move(listening)),
        on_accept(std::move(handler)),
        pause(std::in_place, loop, [this] { watch(); }) {
    int error = 0;
    poll = make_poll(static_cast<uv_loop_t*>(loop.native()), listener->fd.get(), error);
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
      UniqueFd client{accept4(listener->fd.get(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
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

  std::optional<Listener> listener;
  OnAccept on_accept;
  Handle<uv_poll_t> poll;  // goes before the socket
  std::optional<Timer> pause;
};

Acceptor::Acceptor(Loop& loop, Listener listener, OnAccept on_accept)
    : impl_(std::make_shared<Impl>(loop, std::move(listener), std::move(on_accept))) {}

Acceptor::~Acceptor() {
  // Closed now, even if a callback further up still holds the Impl.
  impl_->poll.reset();
  impl_->pause.reset();
  impl_->listener.reset();
}

const Listener& Acceptor::listener() const noexcept {
  return *impl_->listener;
}

}  // namespace ltp::loop
