#pragma once

#include "net/context.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ltp::net {

/// Where a WebSocket client connects.
struct WsTarget {
  bool tls = false;
  std::string host;  // also the name that the certificate must have
  std::uint16_t port = 0;
  std::string resource;  // path and query, "/?version=2&token=…": secret, never in a text;
                         // at most 2000 bytes
  std::string ca_file;   // empty: the system's authorities
};

/// How a connection attempt or a connection ended.
struct WsClosed {
  enum class Kind : std::uint8_t {
    kResolve,     // the name has no address
    kConnect,     // refused, unreachable, timed out
    kTls,         // certificate or handshake
    kHttp,        // the server answered the upgrade with an HTTP status
    kProtocol,    // what came is not WebSocket, or a message was too large
    kPeerClosed,  // a close frame came
    kLost,        // the connection broke
  };
  Kind kind;
  std::string text;     // a sentence part for a person; holds no secret
  int http_status = 0;  // kHttp
  int close_code = 0;   // kPeerClosed, 1005 if none was given
};

/// A WebSocket client's one connection at a time.
///
/// Order     open() → on_open → on_message… → on_closed, or open() → on_closed.
///           on_closed comes exactly once per open() unless close() ends it first.
/// Whole     Fragmented messages are put together, up to `max_message`; a longer one
///           ends the connection (kProtocol).
/// Pongs     are sent by themselves.
/// Again     open() may be called again after on_closed, also from inside it, and
///           after close().
class WsClient {
 public:
  struct Events {
    /// `server` is the Server header of the handshake answer, or empty.
    std::function<void(std::string_view server)> on_open;
    std::function<void(std::span<const std::byte> message, bool binary)> on_message;
    std::function<void(const WsClosed& why)> on_closed;
  };

  WsClient(Context& context, Events events, std::size_t max_message = 1 << 20);
  ~WsClient();
  WsClient(const WsClient&) = delete;
  WsClient& operator=(const WsClient&) = delete;

  /// Resolves on the loop, connects, shakes hands; all within `timeout`, of which each
  /// address of the host gets its share.
  void open(const WsTarget& target, loop::Ms timeout);
  /// Precondition: open. Queued; sent in order.
  void send_text(std::string text);
  /// Sends what is queued, then a close frame, and lets go of the connection after at
  /// most a second. No event comes after this call.
  void close(int code = 1000);
  bool is_open() const noexcept;

  /// Stops and starts reading, from the next message on. While it is stopped no event
  /// comes, not even the server's end; its pings are not answered; and when the buffers
  /// of both sides are full it can send no more. Precondition: open. A new connection
  /// reads.
  void pause(bool on);

  /// How long nothing at all has come over the wire, pings included; says nothing of the
  /// server after a pause. Precondition: open.
  loop::Ms silent_for() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::net
