#include "net/server.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "loop/acceptor.hpp"
#include "net/context_impl.hpp"
#include "net/server_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

namespace ltp::net {
namespace {

constexpr int kSendBuffer = 64 << 10;  // else a reader that sleeps pins megabytes
const lws_retry_bo_t kPingIdle = {.secs_since_valid_ping = 20, .secs_since_valid_hangup = 30};

}  // namespace

ServerCore::ServerCore(Context::Impl& context_, ServerOptions options_, ServerHandler& handler_)
    : context(context_), options(std::move(options_)), handler(handler_) {
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = context.server_protocols();
  info.vhost_name = "ltp-server";
  info.timeout_secs = 10;
  info.keepalive_timeout = 60;
  info.alpn = "http/1.1";
  if (options.ping_idle) info.retry_and_idle_policy = &kPingIdle;
  if (!options.tls_cert_file.empty()) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_cert_filepath = options.tls_cert_file.c_str();
    info.ssl_private_key_filepath = options.tls_key_file.c_str();
  }
  vhost = lws_create_vhost(context.context, &info);
  if (vhost == nullptr)
    throw StartError(Fault::kConfig, options.tls_cert_file.empty()
                                         ? std::string("libwebsockets makes no server")
                                         : cat("cannot use the certificate ", options.tls_cert_file,
                                               " with the key ", options.tls_key_file));
}

void ServerCore::accept(UniqueFd fd, std::string peer) {
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  constexpr int kOn = 1;  // a tick must not wait until the one before it is acknowledged
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
  const auto type =
      static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP |
                                     (options.tls_cert_file.empty() ? 0 : LWS_ADOPT_ALLOW_SSL));
  lws_sock_file_fd_type socket;
  socket.sockfd = fd.release();  // the library closes it, also if it refuses
  lws_adopt_desc_t adopt{};
  adopt.vh = vhost;
  adopt.type = type;
  adopt.fd = socket;
  adopt.vh_prot_name = "";
  auto* connection = new Connection(*this, std::move(peer));
  connections.insert(connection);
  adopt.opaque = static_cast<SocketOwner*>(connection);
  // Refused with a socket made, the library still tells of that socket's end.
  if (lws_adopt_descriptor_vhost_via_info(&adopt) == nullptr && connections.contains(connection) &&
      !connection->has_socket()) {
    connections.erase(connection);
    delete connection;
  }
  context.wake();
}

ServerCore::~ServerCore() {
  while (!connections.empty()) (*connections.begin())->kill();
  lws_vhost_destroy(vhost);
}

struct Server::Impl {
  Impl(Context::Impl& context, ServerOptions options, ServerHandler& handler)
      : core(context, std::move(options), handler),
        acceptor(
            std::in_place, context.loop, core.options.address, core.options.port,
            [this](UniqueFd fd, std::string peer) { core.accept(std::move(fd), std::move(peer)); }),
        port(acceptor->port()) {}

  ServerCore core;
  std::optional<loop::Acceptor> acceptor;
  std::uint16_t port;
};

Server::Server(Context& context, ServerOptions options, ServerHandler& handler)
    : impl_(std::make_unique<Impl>(context.impl(), std::move(options), handler)) {}
Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return impl_->port;
}
std::size_t Server::peers() const noexcept {
  return impl_->core.peers;
}
void Server::stop_accepting() {
  impl_->acceptor.reset();
}

}  // namespace ltp::net
