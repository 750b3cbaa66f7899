#include "net/ws_client.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "loop/certificate.hpp"
#include "loop/resolver.hpp"
#include "net/context_impl.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace ltp::net {
namespace {

using Kind = WsClosed::Kind;

constexpr loop::Ms kLetGo{1000};
constexpr int kNoCode = 1005;
constexpr std::size_t kLongestResource = 2000;
const WsClosed kNoAnswer{.kind = Kind::kConnect, .text = "no answer in time"};

/// The library's words for a failed connection, in ours. They are looked at by what they
/// hold, as it has no numbers for them.
WsClosed why_failed(std::string_view text, int status) {
  const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
  if (status >= 200 && status != 101)
    return {.kind = Kind::kHttp,
            .text = cat("the server answered with HTTP status ", status),
            .http_status = status};
  if (has("tls") || has("SSL") || has("ssl") || has("SYSCALL")) {
    // The library's own words are numbers here.
    auto fault = loop::handshake_fault();
    if (fault.empty()) fault = "it broke off the start of TLS";
    return {.kind = Kind::kTls, .text = std::move(fault)};
  }
  if (has("HS: ") || has("header"))
    return {.kind = Kind::kProtocol, .text = "what answers there is no WebSocket server"};
  if (has("hung up") || has("read failed"))
    return {.kind = Kind::kLost, .text = "the connection broke during the handshake"};
  return {.kind = Kind::kConnect,
          .text = cat("no connection (", printable(text.substr(0, text.find('\0'))), ")")};
}

}  // namespace

/// One attempt and what becomes of it. Lives as long as the library has the socket, or
/// the client has hopes of getting one.
struct Attempt : SocketOwner {
  Attempt(Context::Impl& owner, std::size_t largest) : context(owner), max_message(largest) {}

  Context::Impl& context;
  WsClient::Events events;
  std::size_t max_message;
  lws* wsi = nullptr;
  bool open = false;
  bool closing = false;
  std::string server;   // header of the handshake answer
  int close_code = 0;   // of a close frame that came
  std::string message;  // what has come of a message in pieces
  std::deque<std::string> queue;
  std::unique_ptr<WsClosed> fault;  // ours, that ends the connection
  std::unique_ptr<loop::Timer> let_go;

  int on_event(lws* socket, lws_callback_reasons reason, void* in, std::size_t size) override;
  void on_bad_certificate(const std::string& why) override;
  int on_message_part(std::string_view part);
  int on_writable();
  void kill();
};

struct WsClient::Impl : std::enable_shared_from_this<WsClient::Impl> {
  Impl(Context::Impl& owner, Events handler, std::size_t largest)
      : context(owner),
        events(std::move(handler)),
        max_message(largest),
        resolver(owner.loop),
        deadline(owner.loop, [this] { fail(kNoAnswer); }),
        share(owner.loop, [this] { give_up_address(); }) {}

  void open(const WsTarget& wanted, loop::Ms timeout);
  void connect_next();
  void give_up_address();
  bool connect(const std::string& address);
  void fail(WsClosed why);
  void forget(int close_code);
  void let_go(int close_code);

  Context::Impl& context;
  Events events;
  std::size_t max_message;
  loop::Resolver resolver;
  loop::Timer deadline;
  loop::Timer share;  // of the time left, for one address
  std::int64_t until_ms = 0;
  WsTarget target;
  std::vector<std::string> addresses;  // still to be tried, the next one last
  WsClosed last;                       // why the last one failed
  Attempt* attempt = nullptr;          // owned by the library's socket
};

int Attempt::on_event(lws* socket, lws_callback_reasons reason, void* in, std::size_t size) {
  wsi = socket;
  const std::string_view bytes{static_cast<const char*>(in), in == nullptr ? 0 : size};
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      open = true;
      if (const auto on_open = events.on_open) on_open(server);
      return 0;
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH: {
      // The last moment at which the library still has the headers.
      char text[128] = "";
      lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_SERVER);
      server = text;
      return 0;
    }
    case LWS_CALLBACK_CLIENT_RECEIVE: return on_message_part(bytes);
    case LWS_CALLBACK_CLIENT_WRITEABLE: return on_writable();
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      close_code = bytes.size() < 2 ? kNoCode
                                    : static_cast<unsigned char>(bytes[0]) << 8 |
                                          static_cast<unsigned char>(bytes[1]);
      return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY: {
      const std::unique_ptr<Attempt> self{this};
      lws_set_opaque_user_data(wsi, nullptr);
      WsClosed why{.kind = Kind::kLost, .text = "the connection broke"};
      if (fault) {
        why = *fault;
      } else if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
        why = why_failed(bytes, static_cast<int>(lws_http_client_http_response(wsi)));
      } else if (close_code != 0) {
        why = {.kind = Kind::kPeerClosed,
               .text = cat("the server closed the connection (", close_code, ")"),
               .close_code = close_code};
      } else if (!open) {
        why.text = "the connection broke during the handshake";
      }
      if (events.on_closed) events.on_closed(why);
      return 0;
    }
    default: return 0;
  }
}

void Attempt::on_bad_certificate(const std::string& why) {
  if (fault) return;  // the first is the cause
  fault = std::make_unique<WsClosed>(
      WsClosed{.kind = Kind::kTls, .text = cat("its certificate is not good: ", why)});
}

int Attempt::on_message_part(std::string_view part) {
  if (closing) return 0;
  if (message.size() + part.size() > max_message) {
    fault = std::make_unique<WsClosed>(
        WsClosed{.kind = Kind::kProtocol,
                 .text = cat("a message of more than ", max_message, " bytes came")});
    return -1;
  }
  const bool whole = lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi) != 0;
  const bool binary = lws_frame_is_binary(wsi) != 0;
  // The callback may close us; what it was given must outlive that.
  const auto hand_over = [this, binary](std::string_view text) {
    if (const auto on_message = events.on_message)
      on_message(std::as_bytes(std::span(text.data(), text.size())), binary);
  };
  if (whole && message.empty()) {
    hand_over(part);
    return 0;
  }
  message.append(part);
  if (whole) hand_over(std::exchange(message, {}));
  return 0;
}

int Attempt::on_writable() {
  if (!queue.empty()) {
    const auto text = std::string(LWS_PRE, '\0') + queue.front();
    queue.pop_front();
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())) + LWS_PRE;
    if (lws_write(wsi, data, text.size() - LWS_PRE, LWS_WRITE_TEXT) < 0) return -1;
    lws_callback_on_writable(wsi);
  } else if (closing && lws_partial_buffered(wsi) == 0) {
    // Not from inside this callback: the library would lose the close code.
    let_go->start(loop::Ms{0});
  }
  return 0;
}

void Attempt::kill() {
  const std::unique_ptr<Attempt> self{this};
  lws* socket = wsi;
  if (lws_partial_buffered(socket) != 0) return context.drop(socket);
  // Now: only so does the close code go out.
  lws_set_opaque_user_data(socket, nullptr);
  lws_rx_flow_control(socket, 1);
  lws_set_timeout(socket, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

void WsClient::Impl::open(const WsTarget& wanted, loop::Ms timeout) {
  forget(0);
  target = wanted;
  addresses.clear();
  last = {.kind = Kind::kConnect, .text = "no connection"};
  deadline.start(timeout);
  until_ms = steady_ms() + timeout.count();
  resolver.resolve(target.host, timeout, [this](std::vector<std::string> found, std::string error) {
    if (found.empty())
      return fail({.kind = Kind::kResolve,
                   .text = cat("the name ", printable(target.host), " has no address: ", error)});
    addresses.assign(found.rbegin(), found.rend());
    connect_next();
  });
}

void WsClient::Impl::connect_next() {
  while (!addresses.empty()) {
    const auto address = std::move(addresses.back());
    addresses.pop_back();
    if (!connect(address)) continue;
    // One that never answers must leave time for those behind it.
    const auto left = std::max<std::int64_t>(until_ms - steady_ms(), 0);
    const auto others = static_cast<std::int64_t>(addresses.size());
    if (others > 0) share.start(loop::Ms{left / (others + 1)});
    return;
  }
  fail(last);
}

void WsClient::Impl::give_up_address() {
  let_go(0);
  last = kNoAnswer;
  connect_next();
}

bool WsClient::Impl::connect(const std::string& address) {
  if (target.resource.size() > kLongestResource) {  // the library would send the front of it
    last = {.kind = Kind::kProtocol,
            .text = cat("path and query have more than ", kLongestResource, " bytes")};
    return false;
  }
  auto* made = new Attempt(context, max_message);
  // Weak: the library may tell of the socket's end when the client is long gone.
  const auto weak = weak_from_this();
  made->events = {[this, weak](std::string_view server) {
                    if (weak.expired()) return;
                    deadline.stop();
                    share.stop();
                    events.on_open(server);
                  },
                  [this, weak](std::span<const std::byte> message, bool binary) {
                    if (!weak.expired()) events.on_message(message, binary);
                  },
                  [this, weak, made](const WsClosed& why) {
                    const auto self = weak.lock();
                    if (!self || attempt != made) return;
                    const bool was_open = made->open;
                    attempt = nullptr;
                    share.stop();
                    last = why;
                    const bool other_address =
                        !was_open && why.kind == Kind::kConnect && !addresses.empty();
                    // Never from inside open(): the owner does not expect an event there.
                    context.loop.defer([this, weak, other_address] {
                      if (weak.expired()) return;
                      if (other_address) {
                        connect_next();
                      } else {
                        fail(last);
                      }
                    });
                  }};

  const bool default_port = target.port == (target.tls ? 443 : 80);
  const bool v6 = target.host.find(':') != std::string::npos;
  const auto host =
      cat(v6 ? "[" : "", target.host, v6 ? "]" : "", default_port ? "" : cat(":", target.port));
  lws_client_connect_info info{};
  info.context = context.context;
  info.vhost = context.client_vhost(target.ca_file);
  info.address = address.c_str();
  info.port = target.port;
  info.path = target.resource.c_str();
  info.host = host.c_str();
  // A redirect would carry the token to wherever it points.
  info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (target.tls ? LCCSCF_USE_SSL : 0);
  info.alpn = "http/1.1";
  info.local_protocol_name = "ltp-client";
  info.opaque_user_data = static_cast<SocketOwner*>(made);
  attempt = made;
  lws* wsi = info.vhost == nullptr ? nullptr : lws_client_connect_via_info(&info);
  context.wake();
  if (wsi != nullptr) {
    if (attempt == made) made->wsi = wsi;
    return true;
  }
  if (attempt != made) return true;  // it has been told, and forgotten, on the way
  attempt = nullptr;
  delete made;
  if (info.vhost == nullptr)
    last = {.kind = Kind::kTls,
            .text = cat("the authorities in ", target.ca_file, " are unusable")};
  return false;
}

void WsClient::Impl::fail(WsClosed why) {
  forget(0);
  events.on_closed(why);
}

/// Lets go of whatever is under way.
void WsClient::Impl::forget(int close_code) {
  deadline.stop();
  share.stop();
  resolver.cancel();
  let_go(close_code);
}

/// With a code, an open connection is closed politely.
void WsClient::Impl::let_go(int close_code) {
  auto* old = std::exchange(attempt, nullptr);
  if (old == nullptr) return;
  old->events = {};
  old->closing = true;
  if (old->wsi == nullptr) return;  // its end will be told to nobody
  if (old->open && close_code != 0) {
    lws_close_reason(old->wsi, static_cast<lws_close_status>(close_code), nullptr, 0);
    lws_callback_on_writable(old->wsi);
  }
  old->let_go = std::make_unique<loop::Timer>(context.loop, [old] { old->kill(); });
  old->let_go->start(old->open && close_code != 0 ? kLetGo : loop::Ms{0});
}

WsClient::WsClient(Context& context, Events events, std::size_t max_message)
    : impl_(std::make_shared<Impl>(context.impl(), std::move(events), max_message)) {}
WsClient::~WsClient() {
  impl_->forget(0);
}

void WsClient::open(const WsTarget& target, loop::Ms timeout) {
  impl_->open(target, timeout);
}

void WsClient::send_text(std::string text) {
  impl_->attempt->queue.push_back(std::move(text));
  lws_callback_on_writable(impl_->attempt->wsi);
}

void WsClient::close(int code) {
  impl_->forget(code);
}

void WsClient::pause(bool on) {
  lws_rx_flow_control(impl_->attempt->wsi, on ? 0 : 1);
  impl_->context.wake();
}

bool WsClient::is_open() const noexcept {
  return impl_->attempt != nullptr && impl_->attempt->open;
}

loop::Ms WsClient::silent_for() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  getsockopt(lws_get_socket_fd(impl_->attempt->wsi), IPPROTO_TCP, TCP_INFO, &info, &size);
  return loop::Ms{info.tcpi_last_data_recv};
}

}  // namespace ltp::net
