#pragma once

#include "net/context_impl.hpp"
#include "net/exchange.hpp"
#include "net/response_head.hpp"
#include "net/server.hpp"
#include "net/server_core.hpp"

#include <libwebsockets.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/net only.
namespace ltp::net {

/// A connection that libwebsockets reads: requests one after the other, then perhaps a
/// WebSocket for the rest of its life.
class Connection : public WsPeer, public StreamPeer, public SocketOwner, public Answerer {
 public:
  Connection(ServerCore& core, std::string peer) : core_(core), address_(std::move(peer)) {}
  ~Connection() override = default;

  int on_event(lws* wsi, lws_callback_reasons reason, void* in, std::size_t size) override;

  /// False: the library never got as far as having a socket for it.
  bool has_socket() const noexcept { return wsi_ != nullptr; }
  /// A request waits for its answer, or the answer for its client. Streams do not count.
  bool is_busy() const noexcept {
    return http_ && (http_->answer.has_value() || !http_->exchange.expired());
  }

  /// Closes, and deletes this. Not from inside a callback of the same connection.
  void kill();
  void answer(const Response& response) override;
  void on_writer();
  StreamPeer* stream(const Response& response) override;
  /// Pings or hangs up if its client has been silent for too long. False: it is gone.
  bool check(std::int64_t now_ms);

  bool send(std::string_view message, bool binary) override;
  Took write_raw(std::string_view frames) override;
  bool held() const noexcept override;
  void want_writable() override;
  void ping() override;
  void close(int code, std::string_view reason) override;
  void cut() override;
  void reset() override;
  void read(bool on) override;
  std::string_view subprotocol() const noexcept override { return subprotocol_; }
  const std::string& peer() const noexcept override { return address_; }
  int tag() const noexcept override { return tag_; }
  void end() override;

 private:
  // HTTP
  int on_request();
  int on_body(std::string_view part);
  int hand_over();
  void pause();
  void resume();
  int on_http_writable();
  int on_stream_writable();
  void await_room();
  void watch_stream();
  int write_answer();
  bool wants_more_than_it_takes() const;
  int finish_answer();
  bool more_has_come() const;
  void await_request();
  void refuse(int status, std::string text);
  std::string head(const Response& response, std::optional<std::size_t> body_size) const;
  HeadExtras extras() const;

  // What the library knows of the request
  Request request();
  bool url_is_too_long() const;
  void read_query(std::string& query) const;
  void read_token(lws_token_indexes index, std::string& text) const;
  std::string token(lws_token_indexes index) const;
  std::string header(std::string_view name) const;
  bool has_odd_header() const;

  // WebSocket
  int on_upgrade();
  std::optional<UpgradeAnswer> upgrade_fault() const;
  void choose_subprotocol();
  int refuse_upgrade(const UpgradeAnswer& answer);
  int add_server_header(void* in);
  void on_open();
  int on_message_part(std::string_view part);
  int on_peer_close(std::string_view payload);
  int on_writable();
  bool put(std::string_view bytes);
  std::size_t send_straight(std::string_view bytes) const;
  void hang_up_soon();
  void on_sign_of_life();
  void on_gone();

  friend struct ServerCore;
  static constexpr std::uint32_t kNoPlace = UINT32_MAX;

  // What each write looks at comes first: of thousands none is in the cache.
  ServerCore& core_;
  lws* wsi_ = nullptr;
  std::string queue_;     // frames that wait for the kernel
  bool streams_ = false;  // the answer goes on until somebody ends it
  bool closing_ = false;
  bool dead_ = false;
  bool wants_writable_ = false;

  std::uint32_t place_ = kNoPlace;  // among the core's connections
  std::string address_;

  /// A request and its answer. Gone once this is a WebSocket: of those there are thousands.
  struct Http {
    std::unique_ptr<Asked> asked;              // the request that is coming in
    std::weak_ptr<Responder::State> exchange;  // the Responders own it
    Headers headers;                           // that the handler wants in the answer
    std::optional<std::string> answer;         // head and body, as far as it is not written
    std::size_t written = 0;
    std::optional<std::int64_t> idle_since_ms;
    std::int64_t began_ms = 0;  // to come, the request
  };
  std::unique_ptr<Http> http_ = std::make_unique<Http>();
  std::unique_ptr<loop::Timer> writer_;  // of an answer that is stuck, or streamed
  bool paused_ = false;                  // the library does not read
  bool with_body_ = false;               // so the library would go on to read one
  bool handed_over_ = false;             // to the handler
  bool refused_ = false;                 // before that
  bool head_only_ = false;               // nobody wants a body
  bool close_after_ = false;
  bool hang_up_next_ = false;
  bool broken_ = false;

  // The WebSocket, or the streamed answer.
  bool is_peer_ = false;
  bool cutting_ = false;  // closing without a close frame
  int tag_ = 0;
  int close_code_ = 1006;
  bool pinged_ = false;           // since it was heard
  std::int64_t heard_ms_ = 0;     // when something has come of it
  std::string_view subprotocol_;  // of the options'
  std::string message_;           // what has come of a message in pieces
  std::unique_ptr<loop::Timer> hang_up_;
};

}  // namespace ltp::net
