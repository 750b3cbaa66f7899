#include "net/server_connection.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ltp::net {
namespace {

constexpr std::size_t kBodyAtOnce = 64 << 10;

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

}  // namespace

Responder::State::~State() {
  if (connection != nullptr)
    connection->answer({.status = 500, .content_type = "text/plain", .body = "no answer"});
}

void Responder::send(Response response) const {
  if (auto* connection = std::exchange(state_->connection, nullptr))
    connection->answer(std::move(response));
}

bool Responder::gone() const noexcept {
  return state_->connection == nullptr;
}

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
  if (error != std::errc{} || end != length.data() + length.size() || size > core_.options.max_body)
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

}  // namespace ltp::net
