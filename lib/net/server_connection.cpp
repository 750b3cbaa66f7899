#include "net/server_connection.hpp"

#include "base/text.hpp"
#include "net/frame.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ltp::net {
namespace {

constexpr loop::Ms kCloseWait{1000};
constexpr std::size_t kBodyAtOnce = 64 << 10;
constexpr int kTooBig = 1009;
constexpr int kNoCode = 1005;

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

/// The library hands out methods as numbers.
std::string_view method_name(int method) noexcept {
  switch (method) {
    case LWSHUMETH_GET: return "GET";
    case LWSHUMETH_POST: return "POST";
    case LWSHUMETH_OPTIONS: return "OPTIONS";
    case LWSHUMETH_PUT: return "PUT";
    case LWSHUMETH_PATCH: return "PATCH";
    case LWSHUMETH_DELETE: return "DELETE";
    case LWSHUMETH_CONNECT: return "CONNECT";
    case LWSHUMETH_HEAD: return "HEAD";
    default: return "UNKNOWN";
  }
}

/// A part of a query that the library has decoded, so that decoding it again gives the
/// same.
void append_encoded(std::string& out, std::string_view decoded) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '%' || c == '&' || c == '+' || c == '#') {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
}

std::string close_frame(int code, std::string_view reason) {
  reason = reason.substr(0, 120);  // a control frame holds 125 bytes
  std::string frame{'\x88', static_cast<char>(2 + reason.size()), static_cast<char>(code >> 8),
                    static_cast<char>(code & 0xff)};
  return frame.append(reason);
}

}  // namespace

Responder::State::~State() {
  if (connection != nullptr)
    connection->answer({.status = 500, .content_type = "text/plain", .body = "no answer"});
}

void Responder::send(Response response) const {
  if (auto* connection = std::exchange(state_->connection, nullptr))
    connection->answer(std::move(response));
}

bool Responder::gone() const noexcept { return state_->connection == nullptr; }

int Connection::on_event(lws* wsi, lws_callback_reasons reason, void* in, std::size_t size) {
  wsi_ = wsi;
  const std::string_view bytes{static_cast<const char*>(in), in == nullptr ? 0 : size};
  switch (reason) {
    case LWS_CALLBACK_HTTP: return on_request();
    case LWS_CALLBACK_HTTP_BODY: return on_body(bytes);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return hand_over();
    case LWS_CALLBACK_HTTP_WRITEABLE: return write_answer();
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return on_upgrade();
    case LWS_CALLBACK_ADD_HEADERS: return add_server_header(in);
    case LWS_CALLBACK_ESTABLISHED: on_open(); return 0;
    case LWS_CALLBACK_RECEIVE: return on_message_part(bytes);
    case LWS_CALLBACK_RECEIVE_PONG: core_.handler.on_pong(*this); return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(bytes);
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable();
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_WSI_DESTROY: on_gone(); return 0;
    default: return 0;
  }
}

void Connection::kill() {
  lws* wsi = wsi_;
  on_gone();
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/// The end, whatever the connection was. The library still closes its side step by step;
/// it is made to forget us first, so that this comes once.
void Connection::on_gone() {
  const std::unique_ptr<Connection> self{this};
  dead_ = true;
  lws_set_opaque_user_data(wsi_, nullptr);
  if (const auto exchange = exchange_.lock()) exchange->connection = nullptr;
  core_.connections.erase(this);
  if (!is_peer_) return;
  --core_.peers;
  core_.handler.on_close(*this, close_code_);
}

std::string Connection::token(lws_token_indexes index) const {
  const int size = lws_hdr_total_length(wsi_, index);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  const int copied = lws_hdr_copy(wsi_, text.data(), size + 1, index);
  text.resize(copied > 0 ? static_cast<std::size_t>(copied) : 0);
  return text;
}

std::string Connection::header(std::string_view name) const {
  const std::string with_colon = cat(name, ":");
  const int name_size = static_cast<int>(with_colon.size());
  const int size = lws_hdr_custom_length(wsi_, with_colon.c_str(), name_size);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  const int copied =
      lws_hdr_custom_copy(wsi_, text.data(), size + 1, with_colon.c_str(), name_size);
  text.resize(copied > 0 ? static_cast<std::size_t>(copied) : 0);
  return text;
}

// ---- HTTP

Request Connection::request() {
  char* path = nullptr;
  int path_size = 0;
  const int method = lws_http_get_uri_and_method(wsi_, &path, &path_size);
  method_ = method_name(method);
  path_ = path == nullptr ? "" : std::string(path, static_cast<std::size_t>(path_size));
  query_.clear();
  for (int i = 0;; ++i) {
    const int size = lws_hdr_fragment_length(wsi_, WSI_TOKEN_HTTP_URI_ARGS, i);
    if (size <= 0) break;
    std::string part(static_cast<std::size_t>(size) + 1, '\0');
    const int copied =
        lws_hdr_copy_fragment(wsi_, part.data(), size + 1, WSI_TOKEN_HTTP_URI_ARGS, i);
    if (copied < 0) break;
    part.resize(static_cast<std::size_t>(copied));
    if (!query_.empty()) query_.push_back('&');
    append_encoded(query_, part);
  }
  host_ = token(WSI_TOKEN_HOST);
  origin_ = token(WSI_TOKEN_ORIGIN);
  content_type_ = token(WSI_TOKEN_HTTP_CONTENT_TYPE);
  accept_ = token(WSI_TOKEN_HTTP_ACCEPT);
  offered_ = token(WSI_TOKEN_PROTOCOL);
  return {.method = method_,
          .path = path_,
          .query = query_,
          .body = body_,
          .host = host_,
          .origin = origin_,
          .content_type = content_type_,
          .accept = accept_,
          .subprotocols = offered_,
          .peer = address_,
          .header = [this](std::string_view name) { return header(name); }};
}

int Connection::on_request() {
  // The answer may take its time; the library would hang up on us for that.
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  body_.clear();
  close_after_ = token(WSI_TOKEN_CONNECTION).find("close") != std::string::npos ||
                 token(WSI_TOKEN_HTTP).find("1.0") != std::string::npos;
  if (!token(WSI_TOKEN_HTTP_TRANSFER_ENCODING).empty()) {
    refuse(411, "send the body with a Content-Length");
    return 0;
  }
  const auto length = token(WSI_TOKEN_HTTP_CONTENT_LENGTH);
  if (length.empty() || length == "0") return hand_over();
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (error != std::errc{} || end != length.data() + length.size() ||
      size > core_.options.max_body)
    refuse(413, cat("a body may have ", core_.options.max_body, " bytes"));
  return 0;
}

int Connection::on_body(std::string_view part) {
  if (answer_) return 0;  // refused already; what still comes is thrown away
  if (body_.size() + part.size() > core_.options.max_body) {
    refuse(413, cat("a body may have ", core_.options.max_body, " bytes"));
    return 0;
  }
  body_.append(part);
  return 0;
}

int Connection::hand_over() {
  if (answer_ || !exchange_.expired()) return 0;
  auto exchange = std::make_shared<Responder::State>(this);
  exchange_ = exchange;
  core_.handler.on_request(request(), Responder(std::move(exchange)));
  return 0;
}

void Connection::refuse(int status, std::string text) {
  close_after_ = true;  // what still comes of the body is not read
  answer({.status = status, .content_type = "text/plain", .body = std::move(text)});
}

std::string Connection::head(const Response& response, std::size_t body_size) const {
  std::string out = cat("HTTP/1.1 ", response.status, " ", reason_phrase(response.status), "\r\n");
  const auto add = [&out](std::string_view name, std::string_view value) {
    // No header of ours may end early because of a value somebody sent.
    if (value.find_first_of("\r\n") == std::string_view::npos)
      out.append(name).append(": ").append(value).append("\r\n");
  };
  if (!core_.options.server_header.empty()) add("server", core_.options.server_header);
  if (response.status != 204 && response.status != 304) {
    add("content-type", response.content_type);
    add("content-length", cat(body_size));
  }
  for (const auto& [name, value] : core_.options.headers) add(name, value);
  for (const auto& [name, value] : response.headers) add(name, value);
  if (close_after_) add("connection", "close");
  return out.append("\r\n");
}

void Connection::answer(Response response) {
  if (const auto exchange = exchange_.lock()) exchange->connection = nullptr;
  exchange_.reset();
  if (dead_ || answer_) return;
  answer_ = head(response, response.body.size());
  if (method_ != "HEAD" && response.status != 204 && response.status != 304)
    answer_->append(response.body);
  written_ = 0;
  lws_callback_on_writable(wsi_);
}

int Connection::write_answer() {
  if (!answer_) return 0;
  std::array<unsigned char, LWS_PRE + kBodyAtOnce> buffer;
  const auto size = std::min(kBodyAtOnce, answer_->size() - written_);
  std::copy_n(answer_->data() + written_, size, buffer.begin() + LWS_PRE);
  const bool last = written_ + size == answer_->size();
  const auto how = written_ == 0 ? LWS_WRITE_HTTP_HEADERS
                   : last        ? LWS_WRITE_HTTP_FINAL
                                 : LWS_WRITE_HTTP;
  if (lws_write(wsi_, buffer.data() + LWS_PRE, size, how) < 0) return -1;
  written_ += size;
  if (!last) {
    lws_callback_on_writable(wsi_);
    return 0;
  }
  answer_.reset();
  method_.clear();
  if (close_after_) return -1;
  return lws_http_transaction_completed(wsi_) != 0 ? -1 : 0;
}

// ---- the way to a WebSocket

/// Null if the upgrade is one; else what is wrong with it.
const char* Connection::upgrade_fault() {
  char* path = nullptr;
  int size = 0;
  if (lws_http_get_uri_and_method(wsi_, &path, &size) != LWSHUMETH_GET)
    return "an upgrade has to be a GET";
  auto upgrade = token(WSI_TOKEN_UPGRADE);
  std::transform(upgrade.begin(), upgrade.end(), upgrade.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (upgrade != "websocket") return "only websocket is spoken here";
  if (token(WSI_TOKEN_VERSION) != "13") return "only version 13 is spoken here";
  if (token(WSI_TOKEN_KEY).empty()) return "Sec-WebSocket-Key is missing";
  return nullptr;
}

int Connection::on_upgrade() {
  UpgradeAnswer answer;
  const auto asked = request();
  if (const char* fault = upgrade_fault()) {
    answer = {.status = 426, .body = fault};
  } else {
    answer = core_.handler.on_upgrade(asked);
    for (std::string_view rest = offered_; answer.status == 101 && !rest.empty();) {
      const auto name = trim(rest.substr(0, rest.find(',')));
      rest.remove_prefix(std::min(rest.size(), rest.find(',') == rest.npos ? rest.size()
                                                                          : rest.find(',') + 1));
      const auto& ours = core_.options.subprotocols;
      if (subprotocol_.empty() && std::find(ours.begin(), ours.end(), name) != ours.end())
        subprotocol_ = name;
    }
    if (answer.status == 101 && !offered_.empty() && subprotocol_.empty())
      answer = {.status = 400, .body = "none of the subprotocols offered is spoken here"};
  }
  if (answer.status == 101) {
    tag_ = answer.tag;
    return 0;
  }
  close_after_ = true;
  Response refusal{.status = answer.status, .content_type = "text/plain", .body = answer.body};
  if (answer.status == 426) {
    refusal.headers = {{"upgrade", "websocket"}, {"sec-websocket-version", "13"}};
  }
  auto text = std::string(LWS_PRE, '\0') + head(refusal, refusal.body.size()) + refusal.body;
  lws_write(wsi_, reinterpret_cast<unsigned char*>(text.data()) + LWS_PRE, text.size() - LWS_PRE,
            LWS_WRITE_HTTP_HEADERS);
  return 1;
}

/// Into the answer to an upgrade, which the library writes.
int Connection::add_server_header(void* in) {
  auto& args = *static_cast<lws_process_html_args*>(in);
  const auto& value = core_.options.server_header;
  if (value.empty()) return 0;
  auto* at = reinterpret_cast<unsigned char*>(args.p);
  const int failed = lws_add_http_header_by_name(
      wsi_, reinterpret_cast<const unsigned char*>("server:"),
      reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()), &at,
      at + args.max_len);
  args.p = reinterpret_cast<char*>(at);
  return failed;
}

void Connection::on_open() {
  is_peer_ = true;
  ++core_.peers;
  const auto asked = request();
  core_.handler.on_open(*this, asked);
}

// ---- the WebSocket

int Connection::on_message_part(std::string_view part) {
  if (closing_) return 0;
  if (message_.size() + part.size() > core_.options.max_message) {
    close(kTooBig, "message too large");
    return 0;
  }
  const bool whole = lws_remaining_packet_payload(wsi_) == 0 && lws_is_final_fragment(wsi_) != 0;
  const bool binary = lws_frame_is_binary(wsi_) != 0;
  if (whole && message_.empty()) {
    core_.handler.on_message(*this, part, binary);
    return 0;
  }
  message_.append(part);
  if (whole) {
    const auto message = std::exchange(message_, {});
    core_.handler.on_message(*this, message, binary);
  }
  return 0;
}

int Connection::on_peer_close(std::string_view payload) {
  close_code_ = payload.size() < 2 ? kNoCode
                                   : static_cast<unsigned char>(payload[0]) << 8 |
                                         static_cast<unsigned char>(payload[1]);
  return closing_ ? -1 : 0;  // it has answered ours: done. Else the library answers.
}

bool Connection::held() const noexcept {
  return !queue_.empty() || lws_partial_buffered(wsi_) != 0;
}

void Connection::want_writable() {
  if (!std::exchange(wants_writable_, true)) lws_callback_on_writable(wsi_);
}

bool Connection::write_raw(std::string_view frames) {
  if (held() || closing_) return false;
  put(frames);
  return true;
}

/// Straight to the kernel; the library keeps what that does not take. Precondition:
/// nothing is held.
void Connection::put(std::string_view bytes) {
  if (dead_) return;
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(wsi_, data, bytes.size(), LWS_WRITE_RAW) < 0) {
    dead_ = true;  // its end comes from the library, in its own time
    lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    core_.context.wake();
  }
}

bool Connection::send(std::string_view message, bool binary) {
  if (closing_) return false;
  std::string frame;
  append_text_frame_head(frame, message.size());
  if (binary) frame[0] = '\x82';
  frame.append(message);
  if (!held()) {
    put(frame);
    return true;
  }
  if (queue_.size() + frame.size() > kMaxQueued) {
    queue_.clear();
    close(1008, "too slow");
    return false;
  }
  queue_.append(frame);
  lws_callback_on_writable(wsi_);
  return true;
}

void Connection::ping() {
  constexpr std::string_view kPing{"\x89\x01p", 3};  // the library tells of no empty pong
  if (closing_) return;
  if (!held()) return put(kPing);
  queue_.append(kPing);
  lws_callback_on_writable(wsi_);
}

void Connection::close(int code, std::string_view reason) {
  if (std::exchange(closing_, true)) return;
  queue_.append(close_frame(code, reason));
  lws_callback_on_writable(wsi_);
  hang_up_ = std::make_unique<loop::Timer>(core_.context.loop, [this] { kill(); });
  hang_up_->start(kCloseWait);
}

int Connection::on_writable() {
  if (lws_partial_buffered(wsi_) != 0) return 0;
  if (!queue_.empty()) {
    const auto frames = std::exchange(queue_, {});
    put(frames);
    if (held()) {
      lws_callback_on_writable(wsi_);
      return 0;
    }
  }
  if (closing_) return 0;
  if (std::exchange(wants_writable_, false)) core_.handler.on_writable(*this);
  return 0;
}

}  // namespace ltp::net
