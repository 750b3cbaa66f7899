#include "loop/stream.hpp"

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "loop/endpoint.hpp"
#include "loop/errors.hpp"
#include "loop/handle.hpp"
#include "loop/out_buffer.hpp"
#include "loop/resolver.hpp"
#include "loop/tls.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

namespace ltp::loop {
namespace {

constexpr std::size_t kRead = std::size_t{256} << 10;
constexpr std::size_t kTryAgain = std::size_t{16} << 10;
/// How much TLS itself may want to say while the peer takes nothing: a peer that asks for
/// new keys without end, and never reads them, must not fill our memory.
constexpr std::size_t kMaxUnasked = std::size_t{64} << 10;

UniqueFd make_socket(int family) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && family != AF_UNIX) {
    const int on = 1;  // bytes are gathered before they come here: never wait for more
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  return fd;
}

int pending_error(const UniqueFd& fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// Nobody listened, but the port the system chose for us was the very one we called:
/// then TCP connects a socket to itself, and keeps the real server from its port.
bool talks_to_itself(const UniqueFd& fd) {
  sockaddr_storage here{};
  sockaddr_storage there{};
  socklen_t here_size = sizeof here;
  socklen_t there_size = sizeof there;
  return getsockname(fd.get(), reinterpret_cast<sockaddr*>(&here), &here_size) == 0 &&
         getpeername(fd.get(), reinterpret_cast<sockaddr*>(&there), &there_size) == 0 &&
         here.ss_family != AF_UNIX && here_size == there_size &&
         std::memcmp(&here, &there, here_size) == 0;
}

}  // namespace

struct Stream::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& on, Events given)
      : loop(on),
        events(std::move(given)),
        resolver(on),
        limit(on, [this] { give_up_address(); }) {}

  void open(const Target& target, Ms for_all) {
    shut();
    timeout = for_all;
    until_ms = steady_ms() + for_all.count();
    forget_errors();
    host = target.host;
    tls_options = target.tls;
    if (target.path.empty()) return resolve(target);

    if (const auto endpoint = unix_endpoint(target.path)) {
      endpoints.push_back(*endpoint);
    } else {
      note(ENAMETOOLONG);
    }
    // No event comes from inside open(), so not even the connect that fails at once.
    loop.defer([weak = weak_from_this(), mine = generation] {
      if (const auto self = weak.lock(); self && self->generation == mine) self->try_next();
    });
  }

  void resolve(const Target& target) {
    resolver.resolve(target.host, timeout,
                     [this, port = target.port](auto addresses, std::string error) {
                       const auto keep = shared_from_this();
                       if (!error.empty()) note(Telling::kMachine, std::move(error));
                       for (const auto& address : addresses) {
                         if (const auto e = tcp_endpoint(address, port)) {
                           endpoints.push_back(*e);
                         } else {
                           note(EADDRNOTAVAIL);
                         }
                       }
                       try_next();
                     });
  }

  /// The next address that does not fail at once; without one, the end.
  void try_next() {
    drop_socket();
    while (!endpoints.empty()) {
      const Endpoint endpoint = endpoints.front();
      endpoints.pop_front();
      if (const int error = try_one(endpoint); error != 0) {
        note(error);
      } else {
        // An address that never answers must leave time for those behind it.
        const auto left = std::max<std::int64_t>(until_ms - steady_ms(), 0);
        limit.start(Ms{left / static_cast<std::int64_t>(endpoints.size() + 1)});
        return watch(UV_WRITABLE);
      }
    }
    fail(last_error);
  }

  int try_one(const Endpoint& endpoint) {
    poll.reset();
    fd = make_socket(endpoint.address.ss_family);
    if (!fd) return errno;
    if (connect(fd.get(), endpoint.get(), endpoint.size) != 0 && errno != EINPROGRESS) return errno;
    int error = 0;
    poll = make_poll(static_cast<uv_loop_t*>(loop.native()), fd.get(), error);
    if (poll) poll->data = this;
    return error;
  }

  /// What the server did says more than that nobody listens, and that says more than
  /// that this machine has, say, no IPv6.
  enum class Telling { kMachine, kAddress, kServer };

  void note(Telling how, std::string error) {
    if (how < last_telling) return;
    last_telling = how;
    last_error = std::move(error);
  }
  void note(int error) {
    const bool of_this_machine =
        error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == ENETUNREACH;
    note(of_this_machine ? Telling::kMachine : Telling::kAddress, error_text(error));
  }
  void forget_errors() {
    last_telling = Telling::kMachine;
    last_error.clear();
  }

  void give_up_address() {
    const auto keep = shared_from_this();
    if (connected) {
      note(Telling::kServer,
           cat(no_answer_within(timeout), " to the start of TLS; perhaps it does not speak it"));
    } else {
      note(Telling::kAddress, no_answer_within(timeout));
    }
    try_next();
  }

  void watch(int wanted) {
    uv_poll_start(poll.get(), wanted, [](uv_poll_t* handle, int status, int ready) {
      const auto self = static_cast<Impl*>(handle->data)->shared_from_this();
      // libuv tells a socket's error as a bad status; the words are in the socket.
      self->connected ? self->on_ready(status < 0, ready) : self->on_connect();
    });
  }

  void on_connect() {
    const int error = talks_to_itself(fd) ? ECONNREFUSED : pending_error(fd);
    if (error != 0) {
      note(error);
      return try_next();
    }
    connected = true;
    watch(UV_READABLE);
    tls_options ? start_tls() : be_open();
  }

  void be_open() {
    limit.stop();
    endpoints.clear();
    is_open = true;
    events.on_open();
  }

  void start_tls() {
    auto made = Tls::make(*tls_options, host);
    if (!made) return fail(made.error());
    tls = std::move(made).value();
    if (plain.empty()) plain.resize(kRead);
    tls->feed({});
    send_sealed();
  }

  void on_sealed(std::string_view bytes) {
    const auto mine = generation;
    tls->feed(bytes);
    send_sealed();
    if (!is_open && tls->state() == Tls::State::kOpen) be_open();
    std::size_t got = 0;
    while (generation == mine && (got = tls->read(plain)) > 0) {
      events.on_data({plain.data(), got});
    }
    if (generation != mine) return;
    unasked += tls->sealed().size();
    send_sealed();
    if (out.empty()) unasked = 0;
    if (unasked > kMaxUnasked) return fail("it asks for new keys without end");
    if (tls->state() == Tls::State::kEnded) return fail("closed by the other side");
    if (tls->state() == Tls::State::kBroken) return fail(tls->fault());
  }

  void send_sealed() {
    send_or_keep(tls->sealed());
    tls->take_sealed();
  }

  void on_ready(bool broken, int ready) {
    const auto mine = generation;
    if ((ready & UV_WRITABLE) != 0) give();
    if (generation == mine && (broken || (ready & UV_READABLE) != 0)) read(broken);
  }

  /// One read for each time there is something: others get their turn. But a broken
  /// connection is watched no more: what it still holds is read to its end.
  void read(bool to_the_end) {
    const auto mine = generation;
    do {
      const ssize_t got = recv(fd.get(), in.data(), in.size(), MSG_DONTWAIT);
      if (got > 0) {
        const std::string_view bytes{in.data(), static_cast<std::size_t>(got)};
        tls ? on_sealed(bytes) : events.on_data(bytes);
      } else if (got == 0) {
        fail(is_open ? "closed by the other side" : "closed by the other side at the start of TLS");
      } else if (errno != EINTR && (errno != EAGAIN || to_the_end)) {
        fail(error_text(errno == EAGAIN ? pending_error(fd) : errno));
      }
    } while (to_the_end && generation == mine);
  }

  void write(std::string_view bytes) {
    assert(is_open);
    if (!tls) return send_or_keep(bytes);
    tls->write(bytes);
    send_sealed();
  }

  void send_or_keep(std::string_view bytes) {
    if (deaf) return;
    if (out.empty()) bytes.remove_prefix(send_some(bytes));
    if (deaf || bytes.empty()) return;
    if (out.empty()) watch(UV_READABLE | UV_WRITABLE);
    out.append(bytes);
    // Whoever writes a lot in one turn of the loop would else leave a fast peer waiting for
    // the next. That all is gone then is told there, too.
    if (out.size() >= kTryAgain) out.take(send_some(out.left()));
  }

  void give() {
    out.take(send_some(out.left()));
    if (!out.empty()) return;
    watch(UV_READABLE);
    if (is_open && !deaf && events.on_drained) events.on_drained();
  }

  /// How much the system took. A peer that listens no more may still have said why:
  /// the connection ends when that has been read.
  std::size_t send_some(std::string_view bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto rest = bytes.substr(sent);
      const ssize_t n = send(fd.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0) {
        sent += static_cast<std::size_t>(n);
      } else if (errno == EAGAIN) {
        break;
      } else if (errno != EINTR) {
        deaf = true;
        return bytes.size();
      }
    }
    return sent;
  }

  void drop_socket() {
    ++generation;
    limit.stop();
    poll.reset();
    fd.reset();
    tls.reset();
    out.clear();
    unasked = 0;
    deaf = false;
    connected = false;
    is_open = false;
  }
  void shut() {
    if (tls && is_open && out.empty() && !deaf) {  // a farewell, if it costs no waiting
      tls->end();
      send_some(tls->sealed());
    }
    drop_socket();
    resolver.cancel();
    endpoints.clear();
  }
  void fail(std::string reason) {
    shut();
    events.on_closed(std::move(reason));
  }

  Loop& loop;
  Events events;
  Resolver resolver;
  Timer limit;
  Ms timeout{0};
  std::int64_t until_ms = 0;
  std::string host;
  std::optional<TlsOptions> tls_options;
  std::deque<Endpoint> endpoints;  // still to try
  std::string last_error;
  Telling last_telling = Telling::kMachine;
  UniqueFd fd;
  Handle<uv_poll_t> poll;        // goes before the socket it polls
  unsigned long generation = 0;  // another number: another socket, or none
  bool connected = false;        // the socket is
  bool is_open = false;          // it is, and TLS too if that is wanted
  bool deaf = false;             // the peer takes nothing any more
  OutBuffer out;
  std::vector<char> in = std::vector<char>(kRead);
  std::unique_ptr<Tls> tls;
  std::vector<char> plain;  // with TLS: what `in` held
  std::size_t unasked = 0;  // bytes of TLS's own since `out` was empty
};

Stream::Stream(Loop& loop, Events events)
    : impl_(std::make_shared<Impl>(loop, std::move(events))) {}
Stream::~Stream() {
  impl_->shut();
}

void Stream::open(const Target& target, Ms timeout) {
  impl_->open(target, timeout);
}
void Stream::write(std::string_view bytes) {
  impl_->write(bytes);
}
std::size_t Stream::pending() const noexcept {
  return impl_->out.size();
}
void Stream::close() {
  impl_->shut();
}
bool Stream::is_open() const noexcept {
  return impl_->is_open;
}

}  // namespace ltp::loop
