#include "net/server_brief.hpp"

#include "base/clock.hpp"
#include "net/response_head.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace ltp::net {

BriefConnection::BriefConnection(ServerCore& core, UniqueFd fd, std::string peer)
    : core_(core),
      fd_(std::move(fd)),
      address_(std::move(peer)),
      watch_(core.context.loop, fd_.get(), [this] { on_ready(); }),
      since_ms_(core_.awake_ms()) {}

BriefConnection::~BriefConnection() {
  if (const auto exchange = exchange_.lock()) exchange->connection = nullptr;
}

void BriefConnection::begin(Place place) {
  place_ = place;
  watch_.want_readable();
  read_request();
}

void BriefConnection::check(std::int64_t now_ms) {
  const bool waits = state_ != State::kAnswering;
  const auto most =
      part_ > 0 ? std::min(kComes, core_.options.keep_alive) : core_.options.keep_alive;
  if (waits && now_ms - since_ms_ >= most.count()) leave();
}

void BriefConnection::on_ready() {
  switch (state_) {
    case State::kListening: return read_request();
    case State::kAnswering: return look_at_client();
    case State::kWriting: return write();
  }
}

void BriefConnection::read_request() {
  auto& peeked = core_.peeked;
  const auto came = recv(fd_.get(), peeked.data(), peeked.size(), MSG_PEEK | MSG_DONTWAIT);
  if (came < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (came <= 0) return leave();
  const std::string_view bytes(peeked.data(), static_cast<std::size_t>(came));
  if (bytes.starts_with("\r\n")) return skip_line_ends(bytes);
  const auto read = PlainRequest::read(bytes, core_.options.max_body);
  if (!read) {
    const auto& unplain = read.error();
    if (unplain.kind == Unplain::kWrong) return refuse(unplain.why);
    if (unplain.kind == Unplain::kPart) return await_more(bytes.size(), unplain.size);
    return hand_over();
  }
  const auto* plain = &read.value();
  const Request request{
      .method = plain->method,
      .path = plain->path,
      .query = plain->query,
      .body = plain->body,
      .host = plain->host,
      .origin = plain->origin,
      .content_type = plain->content_type,
      .accept = plain->accept,
      .subprotocols = {},
      .peer = address_,
      .header = [lines = plain->lines](auto name) { return PlainRequest::header(lines, name); }};
  if (!core_.handler.is_brief(request)) return hand_over();
  want_at_least(0);
  // The same bytes to the same place.
  if (recv(fd_.get(), peeked.data(), plain->size, MSG_DONTWAIT) !=
      static_cast<ssize_t>(plain->size))
    return leave();
  serve(*plain, request);
}

void BriefConnection::serve(const PlainRequest& plain, const Request& request) {
  state_ = State::kAnswering;
  closes_ = plain.closes;
  head_only_ = plain.method == "HEAD";
  headers_ = core_.handler.headers_for(request);
  auto exchange = std::make_shared<Responder::State>(this);
  exchange_ = exchange;
  inside_ = true;
  core_.handler.on_request(request, Responder(std::move(exchange)));
  inside_ = false;
  if (over_) leave();
}

/// Old clients send some behind a body.
void BriefConnection::skip_line_ends(std::string_view bytes) {
  std::size_t size = 0;
  while (bytes.substr(size).starts_with("\r\n")) size += 2;
  if (recv(fd_.get(), core_.peeked.data(), size, MSG_DONTWAIT) != static_cast<ssize_t>(size))
    return leave();
  if (size < bytes.size()) read_request();
}

/// No more than was there: the client has said all, or the kernel will not wait.
void BriefConnection::await_more(std::size_t there, std::size_t wanted) {
  const bool grows = there > part_;
  if (!grows || address_.empty() || wanted > core_.peeked.size()) return hand_over();
  if (part_ == 0) since_ms_ = core_.awake_ms();
  part_ = there;
  want_at_least(wanted);
}

/// Of the bytes of a request; 0: whatever comes.
void BriefConnection::want_at_least(std::size_t bytes) {
  if (bytes == 0 && std::exchange(part_, 0) == 0) return;
  const int least = static_cast<int>(std::max<std::size_t>(bytes, 1));
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least);
}

/// Where such a request ends nobody knows, so it was the last.
void BriefConnection::refuse(std::string text) {
  want_at_least(0);
  closes_ = true;
  head_only_ = false;
  headers_.clear();
  answer({.status = 400, .content_type = "text/plain", .body = std::move(text), .headers = {}});
}

/// Something has come before the answer is out. It stays in the kernel; but who broke the
/// connection waits no more. Who has only said all he had to say does.
void BriefConnection::look_at_client() {
  char next = 0;
  const auto came = recv(fd_.get(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
  if (came < 0 && errno != EAGAIN && errno != EINTR) return leave();
  watch_.want_nothing();
}

void BriefConnection::answer(const Response& response) {
  if (const auto exchange = exchange_.lock()) exchange->connection = nullptr;
  exchange_.reset();
  closes_ = closes_ || core_.leaving;
  answer_ = whole_response(response, head_only_,
                           {.always = core_.headers_now(), .own = headers_, .closes = closes_});
  left_ = answer_;
  write();
}

/// The handler has said that there will be none.
StreamPeer* BriefConnection::stream(const Response&) {
  assert(!"the answer to a brief request is streamed");
  return nullptr;
}

void BriefConnection::write() {
  while (!left_.empty()) {
    const auto sent = send(fd_.get(), left_.data(), left_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return leave();
    if (sent < 0) return await_room();
    left_.remove_prefix(static_cast<std::size_t>(sent));
  }
  answer_ = {};  // thousands of connections may wait for long
  if (closes_) return leave();
  state_ = State::kListening;
  since_ms_ = core_.awake_ms();
  watch_.want_readable();
}

void BriefConnection::await_room() {
  state_ = State::kWriting;
  since_ms_ = core_.awake_ms();
  watch_.want_writable();
}

/// What has come is still in the kernel.
void BriefConnection::hand_over() {
  want_at_least(0);
  auto& core = core_;
  auto fd = std::move(fd_);
  auto address = std::move(address_);
  core.briefs.erase(place_);
  core.adopt(std::move(fd), std::move(address));
}

void BriefConnection::leave() {
  over_ = true;
  if (inside_) return;
  auto& core = core_;
  auto fd = std::move(fd_);
  core.doorman.left(address_);
  core.briefs.erase(place_);
  core.doorman.see_off(std::move(fd));
}

}  // namespace ltp::net
