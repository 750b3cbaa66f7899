#pragma once

#include "base/result.hpp"
#include "loop/listen.hpp"
#include "loop/loop.hpp"
#include "net/context.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::net {

/// An HTTP request, or the request of a WebSocket upgrade. Views are valid during the
/// call that got it.
struct Request {
  std::string_view method;  // "GET"
  std::string_view path;    // decoded, without "//" and "..": "/api/v1/current_prices"
  std::string_view query;   // percent-encoded, without the '?'; empty: none
  std::string_view body;    // whole; empty for an upgrade
  std::string_view host, origin, content_type, accept, subprotocols;  // headers, or empty
  std::string peer;                                          // the client's address: "127.0.0.1"
  std::function<std::string(std::string_view name)> header;  // any other, by lower-case name
};

using Headers = std::vector<std::pair<std::string, std::string>>;  // name in lower case, value

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  Headers headers;
};

/// What became of bytes that were given.
struct Took {
  bool all;   // else none of them
  bool held;  // something still waits for the kernel, these or others before them
  explicit operator bool() const noexcept { return all; }
};

/// Where bytes go that are made once for many: a WebSocket, or a streamed answer. From its
/// opening to its end; the server owns it.
class Outlet {
 public:
  virtual ~Outlet() = default;

  /// Writes all at once, unless something is still queued or held: then nothing is taken;
  /// call want_writable() and come back when told. What is taken the kernel has, or the
  /// library holds.
  virtual Took write_raw(std::string_view bytes) = 0;
  /// True if bytes given earlier have not all gone to the kernel.
  virtual bool held() const noexcept = 0;
  /// Asks to be told once, when nothing is queued or held any more.
  virtual void want_writable() = 0;

  virtual const std::string& peer() const noexcept = 0;  // "127.0.0.1"; empty: a unix socket

  void* owner = nullptr;  // for the handler to hang its own object on
};

/// The body of an answer that goes on for as long as both like. Its client says nothing
/// more: one that does is hung up on; one that leaves is noticed within a second.
class StreamPeer : public virtual Outlet {
 public:
  /// Sends what is held and ends the answer; on_stream_close follows, later. A client that
  /// takes nothing is hung up on after a second.
  virtual void end() = 0;
};

/// Where the answer to an HTTP request goes, now or later. Copies share one answer; if
/// the client has gone, send() does nothing. If the last copy goes away without an
/// answer the client gets a 500.
class Responder {
 public:
  void send(const Response& response) const;
  /// Sends the head of an answer whose body is streamed until one side ends it; `body` may
  /// be its beginning. Null if the client has gone, or wants no body: then this was all.
  StreamPeer* stream(const Response& head) const;
  bool gone() const noexcept;  // the client did not wait

  struct State;
  explicit Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

/// What to do with a WebSocket upgrade.
struct UpgradeAnswer {
  int status = 101;  // else the refusal: 403, 404, 426…
  std::string body;  // of a refusal, text/plain
  int tag = 0;       // comes back as WsPeer::tag(): which dialect was asked for
};

/// One WebSocket client of ours, from on_open to on_close. The server owns it.
///
/// Two ways to send. send() frames a message and queues it (for welcome, pings and
/// answers). write_raw() gives frames, many at once, straight to the kernel: the fan-out.
/// Both keep order between them: write_raw() refuses while anything is queued or held.
class WsPeer : public virtual Outlet {
 public:
  /// Sends one message, or queues it behind what is held. False, and the peer is hung up
  /// on, if more than kMaxQueued bytes would wait: a bound for answers and pings; the
  /// fan-out never queues.
  static constexpr std::size_t kMaxQueued = 256 << 10;
  virtual bool send(std::string_view message, bool binary = false) = 0;

  virtual void ping() = 0;
  /// Sends what is queued, then a close frame with the code; on_close follows, later.
  /// A peer that takes nothing is hung up on after a second.
  virtual void close(int code, std::string_view reason) = 0;

  /// What a well-behaved server never does; for one that plays a bad network.
  ///
  /// cut() ends the stream without a close frame, after all that was given: the client
  /// meets the end of the stream right behind the last byte. reset() is at once, and what
  /// the client has not read may be lost. on_close follows both, later.
  virtual void cut() = 0;
  virtual void reset() = 0;
  /// False: what the client sends stays in the kernel, no ping of it is answered, and its
  /// end goes unseen, until true.
  virtual void read(bool on) = 0;

  virtual std::string_view subprotocol() const noexcept = 0;  // chosen; or empty
  virtual int tag() const noexcept = 0;                       // from the UpgradeAnswer
};

/// What a server does, implemented by the tool. All calls come from the loop.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;

  virtual void on_request(const Request& request, Responder respond) = 0;
  /// True: its answer will be whole, never a stream. Such requests cost least; asked before
  /// on_request, for most requests and perhaps not for all.
  virtual bool is_brief(const Request&) { return false; }
  /// What its answer gets beside ServerOptions::headers, whatever it will be.
  virtual Headers headers_for(const Request&) { return {}; }

  virtual UpgradeAnswer on_upgrade(const Request& request) = 0;
  virtual void on_open(WsPeer& peer, const Request& request) = 0;
  virtual void on_message(WsPeer& peer, std::string_view message, bool binary) = 0;
  virtual void on_writable(WsPeer& peer) = 0;
  virtual void on_pong(WsPeer& peer) = 0;
  /// The peer is gone, whoever closed; it must not be touched after this call.
  /// `code` is the one of the client's close frame, 1006 if there was none.
  virtual void on_close(WsPeer& peer, int code) = 0;

  virtual void on_stream_writable(StreamPeer&) {}
  /// The client is gone, or the answer at its end; it must not be touched after this call.
  virtual void on_stream_close(StreamPeer&) {}
};

/// How many connections there may be, requests and WebSockets alike. Whoever comes above it
/// gets 503 or 429 and a word, and is hung up on; the descriptors of the process are a limit
/// as well.
struct ServerLimits {
  std::size_t connections = SIZE_MAX;
  std::size_t per_address = SIZE_MAX;  // clients of a unix socket have no address
};

struct ServerOptions {
  // Where, if the constructor is given no listeners:
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: a free one, see Server::port()
  ServerLimits limits;
  std::vector<std::string> subprotocols;    // accepted names, best first
  std::string server_header;                // "ltp-sim/0.1.0"; empty: none
  std::string tls_cert_file, tls_key_file;  // PEM; both set: https and wss
  std::size_t max_message = 16 << 10;       // from a client; a longer one is closed with 1009
  std::size_t max_body = 1 << 20;           // of a request; a longer one gets 413
  loop::Ms ping_after{20'000};  // a WebSocket that has said nothing, and hang up on it when
                                // half as long again has gone by; up to a quarter late; 0: never
  loop::Ms keep_alive{60'000};  // for another request, or for a client that does not read its
                                // answer if that is brief (others 30 s); may be a sixth longer
  /// Added to every HTTP answer that is not an upgrade.
  Headers headers;
};

/// An HTTP/1.1 and WebSocket server.
///
/// Brief    Plain requests of up to 64 KiB without TLS whose answer is_brief() are read by
///          ourselves, as they stand and as many in a row as come; all others by libwebsockets,
///          and what comes behind one of them on the same connection too. Where that differs, it
///          is said below.
/// Upgrade  An upgrade that is not GET, not version 13, or names another protocol than
///          websocket (h2c) gets 426, 403 or 400 and never reaches the handler.
/// Escapes  A % in a query that no two hex digits follow stands for itself in a brief request;
///          otherwise it gets 403. A decoded line end in a query gets 400 there.
/// Doubt    What two readers could take for different requests gets 400 and the end: a header
///          without a colon, with a blank before it, folded; no Host, or two. Not all of it where
///          libwebsockets reads.
/// Halts    Time in which this process stood still is nobody's silence.
/// Names    If the client offers subprotocols, the best of ours among them is chosen; if
///          it offers none, or only others, it is let in and none is named (a browser then
///          fails by itself if it had asked for one).
/// Limits   A path, or a parameter of a query, may have 25,999 bytes when it is decoded; a
///          longer one gets 414. Request line and headers may have 32 KiB, and a query that is
///          not of a brief request a hundred parameters; more is hung up on. A request that comes
///          before the one ahead of it has been answered may be dropped, together with the
///          connection, once that answer is out, but not by brief ones.
/// Errors   The constructor throws StartError(kIo) with what and why: "port 3000 on
///          127.0.0.1 is taken (Address already in use); choose another with --port".
class Server {
 public:
  Server(Context& context, ServerOptions options, ServerHandler& handler,
         std::vector<loop::Listener> listeners = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const noexcept;      // of the first listener; 0 of a unix socket
  std::vector<std::string> labels() const;  // of all, see loop::label_of
  std::size_t peers() const noexcept;       // WebSockets
  std::size_t refused() const noexcept;     // above a limit, so far
  /// Requests that wait for their answer, or whose answer the client has not taken. Looks at
  /// each connection.
  std::size_t unanswered() const;
  /// Stops accepting; open connections go on, each until its next answer.
  void stop_accepting();

  /// For those that come from now on; messages of all.
  void set_limits(const ServerLimits& limits);
  void set_max_message(std::size_t bytes) noexcept;
  /// Reads the files of ServerOptions anew, for those that come from now on. The error is
  /// a sentence, and all is as before.
  Result<bool, std::string> renew_certificate();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Decodes percent escapes and, as a query does, '+' to a blank. Broken escapes stay.
std::string decode_query_text(std::string_view text);

/// The value of `name` in "a=1&b=2", decoded; none if it is not there. The last of
/// several counts.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace ltp::net
