#include "net/server_connection.hpp"

#include "base/text.hpp"
#include "net/frame.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace ltp::net {
namespace {

constexpr loop::Ms kCloseWait{1000};
constexpr int kTooBig = 1009;
constexpr int kNoCode = 1005;

std::string close_frame(int code, std::string_view reason) {
  reason = reason.substr(0, 120);  // a control frame holds 125 bytes
  std::string frame{'\x88', static_cast<char>(2 + reason.size()), static_cast<char>(code >> 8),
                    static_cast<char>(code & 0xff)};
  return frame.append(reason);
}

}  // namespace

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
      rest.remove_prefix(
          std::min(rest.size(), rest.find(',') == rest.npos ? rest.size() : rest.find(',') + 1));
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
  const auto asked = request();
  core_.handler.on_open(*this, asked);
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
