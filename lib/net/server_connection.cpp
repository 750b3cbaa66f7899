#include "net/server_connection.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/header_words.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ltp::net {
namespace {

constexpr std::size_t kBodyAtOnce = 64 << 10;
constexpr std::size_t kSpareBody = 64 << 10;  // a larger one is not kept
constexpr int kReaderWait_s = 30;             // for a client that does not take its answer
constexpr loop::Ms kStuckCheck{250};
constexpr loop::Ms kStreamCheck{1000};  // of streams there are many

}  // namespace

int Connection::on_event(lws* wsi, lws_callback_reasons reason, void* in, std::size_t size) {
  wsi_ = wsi;
  const std::string_view bytes{static_cast<const char*>(in), in == nullptr ? 0 : size};
  switch (reason) {
    case LWS_CALLBACK_HTTP: return on_request();
    case LWS_CALLBACK_HTTP_BODY: return on_body(bytes);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return hand_over();
    case LWS_CALLBACK_HTTP_WRITEABLE: return on_http_writable();
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade();
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      core_.context.set_subprotocol(subprotocol_);  // found; now what the answer names
      return 0;
    case LWS_CALLBACK_ADD_HEADERS: return add_server_header(in);
    case LWS_CALLBACK_ESTABLISHED: on_open(); return 0;
    case LWS_CALLBACK_RECEIVE: on_sign_of_life(); return on_message_part(bytes);
    case LWS_CALLBACK_RECEIVE_PONG:
      on_sign_of_life();
      core_.handler.on_pong(*this);
      return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(bytes);
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable();
    case LWS_CALLBACK_RAW_ADOPT: return -1;  // of a CONNECT the library would make a tunnel
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_WSI_DESTROY: on_gone(); return 0;
    default: return 0;
  }
}

bool Connection::check(std::int64_t now_ms) {
  const auto& options = core_.options;
  if (http_) {
    // Of a request that comes by and by the head has a limit of the library's.
    const bool comes = http_->asked && !handed_over_;
    const auto since_ms = comes ? http_->began_ms : http_->idle_since_ms.value_or(now_ms);
    if (now_ms - since_ms < options.keep_alive.count()) return true;
    kill();
    return false;
  }
  const auto silent = loop::Ms{now_ms - heard_ms_};
  if (closing_ || options.ping_after == loop::Ms{0} || silent < options.ping_after) return true;
  if (silent >= options.ping_after * 3 / 2) {
    kill();
    return false;
  }
  if (!std::exchange(pinged_, true)) ping();
  return true;
}

void Connection::on_sign_of_life() {
  heard_ms_ = core_.awake_ms();
  pinged_ = false;
}

void Connection::kill() {
  auto& context = core_.context;
  lws* wsi = wsi_;
  on_gone();
  context.drop(wsi);
}

/// The end, whatever the connection was. The library still closes its side step by step;
/// it is made to forget us first, so that this comes once.
void Connection::on_gone() {
  const std::unique_ptr<Connection> self{this};
  dead_ = true;
  lws_set_opaque_user_data(wsi_, nullptr);
  if (http_)
    if (const auto exchange = http_->exchange.lock()) exchange->connection = nullptr;
  core_.left(*this);
  if (streams_) core_.handler.on_stream_close(*this);
  if (!is_peer_) return;
  --core_.peers;
  core_.handler.on_close(*this, close_code_);
}

int Connection::on_request() {
  if (hang_up_next_) return -1;
  http_->asked = core_.spare ? std::move(core_.spare) : std::make_unique<Asked>();
  http_->asked->body.clear();
  http_->idle_since_ms.reset();
  http_->began_ms = core_.awake_ms();
  handed_over_ = refused_ = head_only_ = with_body_ = false;
  http_->headers.clear();
  close_after_ = token(WSI_TOKEN_CONNECTION).find("close") != std::string::npos ||
                 token(WSI_TOKEN_HTTP).find("1.0") != std::string::npos;
  if (url_is_too_long()) {
    refuse(414, cat("a part of a URL may have ", Context::Impl::kLongestUrlPart - 1, " bytes"));
    return 0;
  }
  // A line end of the URL, which the library has decoded, has cut the request line.
  if (token(WSI_TOKEN_HTTP).empty()) {
    refuse(400, "a URL may not have %0A or %0D in it here");
    return 0;
  }
  if (has_odd_header()) {
    refuse(400, "a header has a blank before its colon");
    return 0;
  }
  if (!token(WSI_TOKEN_HTTP_TRANSFER_ENCODING).empty()) {
    refuse(411, "send the body with a Content-Length");
    return 0;
  }
  const auto length = token(WSI_TOKEN_HTTP_CONTENT_LENGTH);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (length.empty()) {
    // No body. But from these the library goes on to read one, so nothing may follow.
    close_after_ = close_after_ || lws_hdr_total_length(wsi_, WSI_TOKEN_POST_URI) > 0 ||
                   lws_hdr_total_length(wsi_, WSI_TOKEN_PUT_URI) > 0 ||
                   lws_hdr_total_length(wsi_, WSI_TOKEN_PATCH_URI) > 0;
  } else if (end != length.data() + length.size() || error == std::errc::invalid_argument) {
    refuse(400, "Content-Length is no number");
    return 0;
  } else if (error != std::errc{} || size > core_.options.max_body) {
    refuse(413, cat("a body may have ", core_.options.max_body, " bytes"));
    return 0;
  }
  // The library tells of a POST's empty body as of any other, if it was announced.
  const bool told_later = !length.empty() && lws_hdr_total_length(wsi_, WSI_TOKEN_POST_URI) > 0;
  if (size == 0) return told_later ? 0 : hand_over();
  if (equal_ignoring_case(token(WSI_TOKEN_HTTP_EXPECT), "100-continue"))
    put("HTTP/1.1 100 Continue\r\n\r\n");
  return 0;
}

int Connection::on_body(std::string_view part) {
  // What still comes of a refused body is thrown away. Of a body without a length there is
  // nothing; what comes is another request, and the connection ends with this one.
  with_body_ = true;
  if (!refused_ && !handed_over_) http_->asked->body.append(part);
  return 0;
}

int Connection::hand_over() {
  if (refused_) return 0;
  // A second time: more has come while the answer is stuck, and the library would keep it.
  if (std::exchange(handed_over_, true)) return -1;
  auto exchange = std::make_shared<Responder::State>(this);
  http_->exchange = exchange;
  const auto asked = request();
  http_->headers = core_.handler.headers_for(asked);
  core_.handler.on_request(asked, Responder(std::move(exchange)));
  if (http_->asked->body.capacity() <= kSpareBody) core_.spare = std::move(http_->asked);
  http_->asked.reset();
  if (!http_->answer || with_body_) pause();
  return 0;
}

/// While an answer takes its time. The library would hang up on us for that, and turn in
/// circles over whatever comes before the answer is there; or take it for more of a body.
void Connection::pause() {
  if (std::exchange(paused_, true)) return;
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  lws_rx_flow_control(wsi_, 0);
}

void Connection::resume() {
  if (std::exchange(paused_, false)) lws_rx_flow_control(wsi_, 1);
}

void Connection::refuse(int status, std::string text) {
  refused_ = true;
  close_after_ = true;
  if (status != 414) http_->headers = core_.handler.headers_for(request());
  answer({.status = status, .content_type = "text/plain", .body = std::move(text)});
}

std::string Connection::head(const Response& response, std::optional<std::size_t> body_size) const {
  return response_head(response, body_size, extras());
}

HeadExtras Connection::extras() const {
  return {.always = core_.headers_now(), .own = http_->headers, .closes = close_after_};
}

void Connection::answer(const Response& response) {
  if (const auto exchange = http_->exchange.lock()) exchange->connection = nullptr;
  http_->exchange.reset();
  if (dead_ || http_->answer) return;
  close_after_ = close_after_ || core_.leaving;
  http_->answer = whole_response(response, head_only_, extras());
  http_->written = 0;
  // Not from inside the callback that brought the request: the library does not know yet
  // whether more has come behind it.
  core_.answer_soon(*this);
}

/// Precondition: no answer yet. As with answer(), nothing goes out from inside the callback
/// that brought the request; until then it is queued.
StreamPeer* Connection::stream(const Response& response) {
  if (head_only_) {
    close_after_ = true;
    answer(response);
    return nullptr;
  }
  if (const auto exchange = http_->exchange.lock()) exchange->connection = nullptr;
  http_->exchange.reset();
  if (dead_) return nullptr;
  streams_ = close_after_ = true;
  queue_ = head(response, std::nullopt) + response.body;
  writer_ = std::make_unique<loop::Timer>(core_.context.loop, [this] { watch_stream(); });
  writer_->start(loop::Ms{0}, kStreamCheck);
  return this;
}

/// The library must not read while an answer is under way, and sees no end of the client
/// then: we look for it.
void Connection::watch_stream() {
  if (wants_more_than_it_takes()) return kill();
  if (!queue_.empty() && lws_partial_buffered(wsi_) == 0) on_stream_writable();
}

void Connection::end() {
  if (std::exchange(closing_, true)) return;
  want_writable();
  hang_up_soon();
}

/// Reading and writing are one to the library: what it holds goes out, and room is told of,
/// only while it reads.
void Connection::await_room() {
  resume();
  lws_callback_on_writable(wsi_);
  core_.context.wake();
}

int Connection::on_stream_writable() {
  if (lws_partial_buffered(wsi_) != 0) return 0;
  if (!queue_.empty()) {
    const auto bytes = std::exchange(queue_, {});
    put(bytes);
  }
  if (held()) {
    await_room();
    return 0;
  }
  if (closing_) return -1;
  pause();
  if (std::exchange(wants_writable_, false)) core_.handler.on_stream_writable(*this);
  return 0;
}

void Connection::on_writer() {
  if (held()) {
    if (wants_more_than_it_takes()) kill();
    return;
  }
  if (write_answer() == 0) {
    if (http_->idle_since_ms) await_request();
    return;
  }
  if (broken_) return kill();  // the library calls back no more
  hang_up_next_ = true;        // in a callback of the library, which then lets the answer arrive
  resume();
  lws_callback_on_writable(wsi_);
}

int Connection::on_http_writable() {
  if (hang_up_next_) return -1;
  if (streams_) return on_stream_writable();
  return held() ? 0 : write_answer();
}

/// How much of it the kernel takes. With TLS nothing: those bytes are the library's to make.
/// Its own way to send() costs more than all that we do for a client. Precondition: nothing
/// is held.
std::size_t Connection::send_straight(std::string_view bytes) const {
  if (core_.has_tls()) return 0;
  const auto sent = ::send(lws_get_socket_fd(wsi_), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// Writes until the kernel takes no more. Precondition: nothing is held.
int Connection::write_answer() {
  if (!http_->answer) return 0;
  while (http_->written < http_->answer->size() && !held()) {
    const auto size = std::min(kBodyAtOnce, http_->answer->size() - http_->written);
    auto* data = http_->answer->data() + http_->written;
    http_->written += size;
    const auto sent = send_straight({data, size});
    if (sent == size) continue;
    broken_ = lws_write(wsi_, reinterpret_cast<unsigned char*>(data) + sent, size - sent,
                        LWS_WRITE_HTTP) < 0;
    if (broken_) return -1;
  }
  if (!held()) return finish_answer();
  // The library sends the rest, but not while it must not read.
  lws_set_timeout(wsi_, PENDING_TIMEOUT_HTTP_CONTENT, kReaderWait_s);
  resume();
  lws_callback_on_writable(wsi_);
  core_.context.wake();
  if (writer_ == nullptr)
    writer_ = std::make_unique<loop::Timer>(core_.context.loop, [this] { on_writer(); });
  writer_->start(kStuckCheck, kStuckCheck);
  return 0;
}

/// A client that does not take its answer but sends more, or its end: what nobody may read
/// yet would keep the loop busy.
bool Connection::wants_more_than_it_takes() const {
  char next = 0;
  return recv(lws_get_socket_fd(wsi_), &next, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

int Connection::finish_answer() {
  http_->answer.reset();
  writer_.reset();
  if (close_after_) return -1;
  resume();
  if (lws_http_transaction_completed(wsi_) != 0) return -1;
  // If the bytes of another request came together with this one the library takes its body
  // from the wrong place, and turns in circles for ever. No browser sends that; who does
  // has to send it again.
  if (more_has_come()) return -1;
  http_->idle_since_ms = core_.awake_ms();
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);  // hang_up_idle() looks after it
  return 0;
}

/// The library reads no request before it is told that there is room for the answer. It has
/// just taken one, and what the kernel does not take is held: so it is told at once, where
/// the kernel would be asked with three system calls and an event. Not from inside a callback
/// of the library.
void Connection::await_request() {
  lws_pollfd room{};
  room.fd = lws_get_socket_fd(wsi_);
  room.events = room.revents = LWS_POLLOUT;
  lws_service_fd(core_.context.context, &room);
}

/// True if the library holds input behind the request just answered: only then does it
/// keep its place for headers. It tells that by writing into `text`.
bool Connection::more_has_come() const {
  char text[] = "?";
  lws_hdr_custom_copy(wsi_, text, sizeof text, "x:", 2);
  return text[0] == '\0';
}

}  // namespace ltp::net
