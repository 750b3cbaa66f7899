#include "net/server.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "loop/acceptor.hpp"
#include "net/context_impl.hpp"
#include "net/response_head.hpp"
#include "net/server_brief.hpp"
#include "net/server_connection.hpp"
#include "net/server_core.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ltp::net {
namespace {

constexpr int kSendBuffer = 64 << 10;  // else a reader that sleeps pins megabytes
constexpr int kIdleChecks = 6;         // while an idle connection is kept
constexpr int kPingChecks = 4;         // until one that is silent is pinged
constexpr loop::Ms kShortestSlice{50};
constexpr std::int64_t kMostSlices = 20;

std::string unusable_certificate(const ServerOptions& options) {
  return cat("cannot use the certificate ", options.tls_cert_file, " with the key ",
             options.tls_key_file);
}

/// What has come is read at once. Thousands that came together would else wait for it inside
/// the library, which goes through lists of all that wait for each of them.
void read_now(lws_context* context, int fd) {
  lws_pollfd come{};
  come.fd = fd;
  come.events = come.revents = LWS_POLLIN;
  lws_service_fd(context, &come);
}

/// Pings are ours: the library keeps a timer for each WebSocket in one list, and goes through
/// it to its end with each frame that comes.
const lws_retry_bo_t kNoPings = {};

/// In which all connections are looked at once.
loop::Ms round_of(const ServerOptions& options) {
  const auto idle = options.keep_alive / kIdleChecks;
  return options.ping_after > loop::Ms{0} ? std::min(idle, options.ping_after / kPingChecks) : idle;
}

}  // namespace

ServerCore::ServerCore(Context::Impl& context_, ServerOptions options_, ServerHandler& handler_)
    : context(context_),
      options(std::move(options_)),
      handler(handler_),
      doorman(context.loop, options.limits),
      slices(std::clamp<std::int64_t>(round_of(options) / kShortestSlice, 1, kMostSlices)),
      idle_check(context.loop, [this] { look_after_silent(); }) {
  if (!options.server_header.empty()) append_header(headers, "server", options.server_header);
  for (const auto& [name, value] : options.headers) append_header(headers, name, value);
  before_date = headers.size();
  vhost = make_vhost();
  if (vhost == nullptr)
    throw StartError(Fault::kConfig, has_tls() ? unusable_certificate(options)
                                               : std::string("libwebsockets makes no server"));
}

/// Null: libwebsockets does not like the certificate. It does not say why.
lws_vhost* ServerCore::make_vhost() {
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = context.server_protocols();
  info.vhost_name = "ltp-server";
  info.timeout_secs = 10;
  // Taken off at once, see await_request(): its timers stand in one list that each request
  // would go through to its end.
  info.keepalive_timeout = 1;
  info.alpn = "http/1.1";
  info.retry_and_idle_policy = &kNoPings;
  if (has_tls()) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = options.tls_cert_file.c_str();
    info.ssl_private_key_filepath = options.tls_key_file.c_str();
  }
  return lws_create_vhost(context.context, &info);
}

void ServerCore::accept(UniqueFd fd, std::string peer) {
  if (!doorman.admit(fd, peer, !has_tls())) return;
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  constexpr int kOn = 1;  // a tick must not wait until the one before it is acknowledged
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  if (!idle_check.running()) {
    const auto every = round_of(options) / slices;
    looked_ms = steady_ms();
    idle_check.start(every, every);
  }
  if (has_tls()) return adopt(std::move(fd), std::move(peer));
  const auto place = briefs.emplace(briefs.end(), *this, std::move(fd), std::move(peer));
  place->begin(place);
}

void ServerCore::left(Connection& connection) {
  const auto place = connection.place_;
  if (place == Connection::kNoPlace) return;
  connections[place] = connections.back();
  connections[place]->place_ = place;
  connections.pop_back();
  connection.place_ = Connection::kNoPlace;
  doorman.left(connection.peer());
  std::replace(answers.begin(), answers.end(), &connection, static_cast<Connection*>(nullptr));
}

/// All at the end of a turn, and never from inside a callback of the library.
void ServerCore::answer_soon(Connection& connection) {
  if (answers.empty())
    context.loop.defer([this, still = std::weak_ptr(alive)] {
      if (!still.expired()) write_answers();
    });
  answers.push_back(&connection);
}

void ServerCore::write_answers() {
  for (std::size_t i = 0; i < answers.size(); ++i)  // more may come
    if (answers[i] != nullptr) answers[i]->on_writer();
  answers.clear();
}

std::string_view ServerCore::headers_now() {
  if (const auto now_s = wall_us() / 1'000'000; now_s != date_s) {
    date_s = now_s;
    headers.resize(before_date);
    headers.append("date: ");
    append_http_date(headers, now_s);
    headers.append("\r\n");
  }
  return headers;
}

std::int64_t ServerCore::awake_ms() const {
  const auto since_look = steady_ms() - looked_ms;
  const auto most = 2 * (round_of(options) / slices).count();
  return looked_ms - halted_ms + std::min<std::int64_t>(since_look, most);
}

/// A slice of them at a time, so that thousands are not pinged at once.
void ServerCore::look_after_silent() {
  const auto now_ms = awake_ms();
  looked_ms = steady_ms();
  halted_ms = looked_ms - now_ms;
  auto count = connections.size() / static_cast<std::size_t>(slices) + 1;
  for (; count > 0 && next_check < connections.size(); --count)
    if (connections[next_check]->check(now_ms)) ++next_check;  // else another has its place
  if (next_check < connections.size()) return;
  next_check = 0;
  for (auto next = briefs.begin(); next != briefs.end();) (next++)->check(now_ms);
  if (connections.empty() && briefs.empty()) idle_check.stop();
}

void ServerCore::adopt(UniqueFd fd, std::string peer) {
  const auto type = static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP |
                                                   (has_tls() ? LWS_ADOPT_ALLOW_SSL : 0));
  lws_sock_file_fd_type socket;
  socket.sockfd = fd.release();  // the library closes it, also if it refuses
  lws_adopt_desc_t adopt{};
  adopt.vh = vhost;
  adopt.type = type;
  adopt.fd = socket;
  adopt.vh_prot_name = "";
  auto* connection = new Connection(*this, std::move(peer));
  connection->place_ = static_cast<std::uint32_t>(connections.size());
  connections.push_back(connection);
  adopt.opaque = static_cast<SocketOwner*>(connection);
  // Refused with a socket made, the library still tells of that socket's end.
  const auto is_here = [&] {
    return std::find(connections.begin(), connections.end(), connection) != connections.end();
  };
  if (lws_adopt_descriptor_vhost_via_info(&adopt) != nullptr) {
    if (!has_tls()) read_now(context.context, socket.sockfd);
  } else if (is_here() && !connection->has_socket()) {
    left(*connection);
    delete connection;
  }
  context.wake();
}

ServerCore::~ServerCore() {
  briefs.clear();
  while (!connections.empty()) connections.back()->kill();
  lws_vhost_destroy(vhost);
}

struct Server::Impl {
  Impl(Context::Impl& context, ServerOptions options, ServerHandler& handler,
       std::vector<loop::Listener> listeners)
      : core(context, std::move(options), handler) {
    if (listeners.empty())
      listeners.push_back(loop::listen_tcp(core.options.address, core.options.port));
    for (auto& listener : listeners)
      acceptors.push_back(std::make_unique<loop::Acceptor>(
          context.loop, std::move(listener),
          [this](UniqueFd fd, std::string peer) { core.accept(std::move(fd), std::move(peer)); }));
    port = loop::port_of(acceptors.front()->listener());
    for (const auto& acceptor : acceptors) labels.push_back(loop::label_of(acceptor->listener()));
  }

  ServerCore core;
  std::vector<std::unique_ptr<loop::Acceptor>> acceptors;
  std::uint16_t port = 0;
  std::vector<std::string> labels;
};

Server::Server(Context& context, ServerOptions options, ServerHandler& handler,
               std::vector<loop::Listener> listeners)
    : impl_(std::make_unique<Impl>(context.impl(), std::move(options), handler,
                                   std::move(listeners))) {}
Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return impl_->port;
}
std::vector<std::string> Server::labels() const {
  return impl_->labels;
}
std::size_t Server::peers() const noexcept {
  return impl_->core.peers;
}
std::size_t Server::refused() const noexcept {
  return impl_->core.doorman.refused();
}
std::size_t Server::unanswered() const {
  const auto& core = impl_->core;
  const auto briefs = std::count_if(core.briefs.begin(), core.briefs.end(),
                                    [](const auto& brief) { return brief.is_busy(); });
  const auto others = std::count_if(core.connections.begin(), core.connections.end(),
                                    [](const auto* connection) { return connection->is_busy(); });
  return static_cast<std::size_t>(briefs + others);
}
void Server::stop_accepting() {
  impl_->acceptors.clear();
  impl_->core.leaving = true;
}
void Server::set_limits(const ServerLimits& limits) {
  impl_->core.doorman.set_limits(limits);
}

void Server::set_max_message(std::size_t bytes) noexcept {
  impl_->core.options.max_message = bytes;
}

Result<bool, std::string> Server::renew_certificate() {
  auto& core = impl_->core;
  if (!core.has_tls()) return true;
  // On a trial, since the library does not tell whether it liked what it has read anew. It
  // reads them into the place of the old ones: of several virtual hosts on no port of their
  // own it would serve the first, whichever we ask for.
  auto* trial = core.make_vhost();
  if (trial == nullptr) return unusable_certificate(core.options);
  lws_vhost_destroy(trial);
  lws_tls_cert_updated(core.context.context, core.options.tls_cert_file.c_str(),
                       core.options.tls_key_file.c_str(), nullptr, 0, nullptr, 0);
  return true;
}

}  // namespace ltp::net
