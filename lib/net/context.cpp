#include "net/context.hpp"

#include "base/fault.hpp"
#include "loop/certificate.hpp"
#include "net/context_impl.hpp"

#include <sys/resource.h>

#include <cassert>

namespace ltp::net {
namespace {

constexpr int kHeaderBytes = 32 << 10;  // request line and headers; more gets no answer
constexpr int kServiceBuffer = 64 << 10;
constexpr std::size_t kReadAtOnce = 128;         // of a browser; each holds a buffer of this size
constexpr std::size_t kWriteAtOnce = 256 << 10;  // above it the library cuts and copies
constexpr unsigned kHandshakeTimeout_s = 10;
constexpr int kClosingTurns = 20;
constexpr rlim_t kMostDescriptors = 262'144;

/// The library makes tables as long as the process may have descriptors. In a container
/// that can be a thousand million.
void keep_descriptor_limit_sane() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kMostDescriptors) return;
  limit.rlim_cur = kMostDescriptors;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int socket_callback(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size) {
  if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) {
    loop::keep_handshake_faults(user);  // here `user` is the SSL_CTX of a virtual host
    return 0;
  }
  auto* owner = static_cast<SocketOwner*>(lws_get_opaque_user_data(wsi));
  if (owner == nullptr) return 0;
  if (reason != LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION)
    return owner->on_event(wsi, reason, in, size);
  // Here `user` is OpenSSL's verification and `size` its verdict, 0 for bad.
  if (size == 0) owner->on_bad_certificate(loop::certificate_fault(user));
  return 0;
}

Context::Impl::Impl(loop::Loop& owner) : loop(owner) {
  keep_descriptor_limit_sane();
  lws_set_log_level(0, nullptr);
  void* loops[] = {loop.native()};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                 LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_VALIDATE_UTF8;
  info.foreign_loops = loops;
  info.gid = static_cast<gid_t>(-1);
  info.uid = static_cast<uid_t>(-1);
  info.max_http_header_data = kHeaderBytes;
  for (const auto method :
       {WSI_TOKEN_GET_URI, WSI_TOKEN_POST_URI, WSI_TOKEN_OPTIONS_URI, WSI_TOKEN_PUT_URI,
        WSI_TOKEN_PATCH_URI, WSI_TOKEN_DELETE_URI, WSI_TOKEN_HEAD_URI})
    token_limits_.token_limit[method] = kLongestUrlPart;
  info.token_limits = &token_limits_;
  info.pt_serv_buf_size = kServiceBuffer;
  info.timeout_secs = kHandshakeTimeout_s;
  context = lws_create_context(&info);
  if (context == nullptr)
    throw StartError(Fault::kBug,
                     "libwebsockets does not start on libuv; is the package "
                     "libwebsockets-evlib-uv installed?");
  // The first is for those who offer no name; nobody can ask for it by one.
  server_protocols_[0] = {"", socket_callback, 0, kReadAtOnce, 0, nullptr, kWriteAtOnce};
  server_protocols_[1] = server_protocols_[0];
  server_protocols_[1].name = subprotocol_.data();
  // On libuv the library leaves input that it has already read until the next event.
  before_sleep = std::make_unique<loop::BeforeSleep>(loop, [this] {
    if (lws_service_adjust_timeout(context, 1, 0) == 0) lws_cancel_service(context);
  });
}

Context::Impl::~Impl() {
  before_sleep.reset();
  lws_context_destroy(context);
  // The library closes its handles step by step, in turns of the loop. On a loop that is
  // not its own it then waits to be called again before it frees what is left.
  for (int turn = 0; turn < kClosingTurns; ++turn) {
    loop.defer([this] { loop.stop(); });
    loop.run();
  }
  lws_context_destroy(context);
}

void Context::Impl::drop(lws* socket) {
  lws_set_opaque_user_data(socket, nullptr);
  // Else the library may find input that it has read already, and forget the timeout over it.
  lws_rx_flow_control(socket, 0);
  // Not at once: it would first wait five seconds for what the socket still holds.
  lws_set_timeout(socket, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
  wake();
}

void Context::Impl::set_subprotocol(std::string_view name) {
  assert(name.size() <= kLongestSubprotocol);
  subprotocol_[name.copy(subprotocol_.data(), kLongestSubprotocol)] = '\0';
}

lws_vhost* Context::Impl::client_vhost(const std::string& ca_file) {
  const auto [found, fresh] = client_vhosts.try_emplace(ca_file, nullptr);
  if (!fresh) return found->second;
  auto table = std::make_shared<std::vector<lws_protocols>>(2);
  (*table)[0] = {"ltp-client", socket_callback, 0, kServiceBuffer, 0, nullptr, 0};
  tables.push_back(table);
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = table->data();
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  info.vhost_name = found->first.c_str();
  if (!ca_file.empty()) info.client_ssl_ca_filepath = found->first.c_str();
  info.timeout_secs = kHandshakeTimeout_s;
  found->second = lws_create_vhost(context, &info);
  return found->second;
}

Context::Context(loop::Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
Context::~Context() = default;

loop::Loop& Context::loop() noexcept {
  return impl_->loop;
}

}  // namespace ltp::net
