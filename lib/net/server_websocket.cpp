#include "net/server_connection.hpp"

#include "base/text.hpp"
#include "net/frame.hpp"
#include "net/header_words.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace ltp::net {
namespace {

constexpr loop::Ms kCloseWait{1000};
constexpr int kLastBuffer = 512 << 10;  // what may be queued, and a chunk that is held
constexpr int kTooBig = 1009;
constexpr int kNoCode = 1005;

constexpr std::size_t kKeySize = 24;       // 16 bytes in base64
constexpr std::size_t kLongestList = 126;  // of words in a header that the library reads

bool equal(std::string_view a, std::string_view b) {
  return a == b;
}

/// A name that the library reads as one.
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return !text.empty() && text.size() <= Context::Impl::kLongestSubprotocol && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

std::string close_frame(int code, std::string_view reason) {
  reason = reason.substr(0, 120);  // a control frame holds 125 bytes
  std::string frame{'\x88', static_cast<char>(2 + reason.size()), static_cast<char>(code >> 8),
                    static_cast<char>(code & 0xff)};
  return frame.append(reason);
}

}  // namespace

/// What is wrong with an upgrade, so that the library would drop it without an answer or
/// take it for something else.
std::optional<UpgradeAnswer> Connection::upgrade_fault() const {
  const Asked& asked = *http_->asked;
  if (url_is_too_long()) return UpgradeAnswer{414, "a part of the URL is too long"};
  if (asked.method != "GET") return UpgradeAnswer{426, "an upgrade has to be a GET"};
  if (!has_word(token(WSI_TOKEN_UPGRADE), "websocket"))
    return UpgradeAnswer{426, "only websocket is spoken here"};
  if (token(WSI_TOKEN_VERSION) != "13") return UpgradeAnswer{426, "only version 13 is spoken here"};
  const auto connection = token(WSI_TOKEN_CONNECTION);
  if (!has_word(connection, "upgrade") || connection.size() > kLongestList)
    return UpgradeAnswer{400, "Connection does not say Upgrade"};
  if (asked.host.empty()) return UpgradeAnswer{400, "Host is missing"};
  if (token(WSI_TOKEN_KEY).size() != kKeySize)
    return UpgradeAnswer{400, "Sec-WebSocket-Key has to be of 24 characters"};
  if (asked.offered.empty()) return {};
  const auto first = trim(std::string_view(asked.offered).substr(0, asked.offered.find(',')));
  if (asked.offered.size() > kLongestList || !is_name(first))
    return UpgradeAnswer{400, "the list of subprotocols is too long or malformed"};
  return {};
}

/// The best of ours that the client offers, or none. Precondition: no fault.
void Connection::choose_subprotocol() {
  const std::string_view offered = http_->asked->offered;
  const auto& ours = core_.options.subprotocols;
  const auto best = std::find_if(ours.begin(), ours.end(),
                                 [&](const auto& name) { return has_word(offered, name, equal); });
  subprotocol_ = best == ours.end() ? std::string_view{} : *best;
  // The library looks for what was offered first; it may find that.
  core_.context.set_subprotocol(trim(offered.substr(0, offered.find(','))));
}

int Connection::on_upgrade() {
  // It asks even after it has refused by itself, and forgotten what was asked.
  if (lws_hdr_total_length(wsi_, WSI_TOKEN_UPGRADE) == 0) return -1;
  http_->asked = std::make_unique<Asked>();
  const auto asked = request();
  if (const auto fault = upgrade_fault()) return refuse_upgrade(*fault);
  const auto answer = core_.handler.on_upgrade(asked);
  if (answer.status != 101) return refuse_upgrade(answer);
  tag_ = answer.tag;
  choose_subprotocol();
  return 0;
}

int Connection::refuse_upgrade(const UpgradeAnswer& answer) {
  close_after_ = true;
  Response refusal{.status = answer.status, .content_type = "text/plain", .body = answer.body};
  if (answer.status == 426)
    refusal.headers = {{"upgrade", "websocket"}, {"sec-websocket-version", "13"}};
  put(head(refusal, refusal.body.size()) + refusal.body);
  return -1;
}

/// Into the answer to an upgrade, which the library writes.
int Connection::add_server_header(void* in) {
  auto& args = *static_cast<lws_process_html_args*>(in);
  const auto& value = core_.options.server_header;
  if (value.empty()) return 0;
  auto* at = reinterpret_cast<unsigned char*>(args.p);
  const int failed =
      lws_add_http_header_by_name(wsi_, reinterpret_cast<const unsigned char*>("server:"),
                                  reinterpret_cast<const unsigned char*>(value.data()),
                                  static_cast<int>(value.size()), &at, at + args.max_len);
  args.p = reinterpret_cast<char*>(at);
  return failed;
}

void Connection::on_open() {
  is_peer_ = true;
  ++core_.peers;
  on_sign_of_life();
  const auto asked = request();
  core_.handler.on_open(*this, asked);
  http_.reset();
}

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
  if (std::exchange(wants_writable_, true)) return;
  streams_ ? await_room() : static_cast<void>(lws_callback_on_writable(wsi_));
}

Took Connection::write_raw(std::string_view frames) {
  if (held() || closing_) return {.all = false, .held = true};
  if (put(frames)) return {.all = true, .held = false};
  if (streams_) await_room();
  return {.all = true, .held = true};
}

/// Straight to the kernel; the library keeps what that does not take. False: it does keep
/// something. Precondition: nothing is held.
bool Connection::put(std::string_view bytes) {
  if (dead_) return true;
  bytes.remove_prefix(send_straight(bytes));
  if (bytes.empty()) return true;
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  if (lws_write(wsi_, data, bytes.size(), LWS_WRITE_RAW) < 0) {
    dead_ = true;  // its end comes from the library, in its own time
    lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    core_.context.wake();
    return true;
  }
  return lws_partial_buffered(wsi_) == 0;
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
  if (!held()) {
    put(kPing);
    return;
  }
  queue_.append(kPing);
  lws_callback_on_writable(wsi_);
}

void Connection::close(int code, std::string_view reason) {
  if (std::exchange(closing_, true)) return;
  // A peer that takes nothing shall find the code when it does: what the kernel has by the
  // time we hang up it goes on to deliver, so all of it has to fit in there.
  if (held())
    setsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_SNDBUF, &kLastBuffer, sizeof kLastBuffer);
  queue_.append(close_frame(code, reason));
  hang_up_soon();
}

void Connection::cut() {
  if (std::exchange(closing_, true)) return;
  cutting_ = true;
  hang_up_soon();
}

/// Precondition: closing_.
void Connection::hang_up_soon() {
  lws_callback_on_writable(wsi_);
  hang_up_ = std::make_unique<loop::Timer>(core_.context.loop, [this] { kill(); });
  hang_up_->start(kCloseWait);
}

void Connection::reset() {
  if (std::exchange(closing_, true)) return;
  // Connecting to nowhere makes the kernel send a reset; the descriptor stays the library's.
  constexpr sockaddr kNowhere{.sa_family = AF_UNSPEC, .sa_data = {}};
  queue_.clear();
  connect(lws_get_socket_fd(wsi_), &kNowhere, sizeof kNowhere);
  hang_up_ = std::make_unique<loop::Timer>(core_.context.loop, [this] { kill(); });
  hang_up_->start(loop::Ms{0});
}

void Connection::read(bool on) {
  if (!dead_) lws_rx_flow_control(wsi_, on ? 1 : 0);
  core_.context.wake();
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
  if (std::exchange(cutting_, false)) shutdown(lws_get_socket_fd(wsi_), SHUT_WR);
  if (closing_) return 0;
  if (std::exchange(wants_writable_, false)) core_.handler.on_writable(*this);
  return 0;
}

}  // namespace ltp::net
