#include "client.hpp"

#include "base/clock.hpp"

namespace ltp::serve {

bool Client::write(std::string_view messages) {
  if (closed_) return false;
  if (const auto took = outlet_.write_raw(messages)) {
    // If some of it still waits for the kernel the next must wait as well.
    if (took.held) outlet_.want_writable();
    return true;
  }
  if (!held_since_ms_) held_since_ms_ = steady_ms();
  outlet_.want_writable();
  return false;
}

void Client::on_writable() {
  held_since_ms_.reset();
  if (!closed_) on_drained();
}

void Client::beat(std::int64_t unix_s) {
  if (closed_) return;
  if (unix_s >= expires_s_) return close(kUnauthorized, "unauthorized", false);
  const auto now_ms = steady_ms();
  if (outlet_.held() && !held_since_ms_) {
    held_since_ms_ = now_ms;
    outlet_.want_writable();
  }
  if (held_since_ms_ && now_ms - *held_since_ms_ >= shared_.limits.stall.count())
    return close(kTryAgainLater, "too slow; come back", true);
  on_beat(unix_s);
}

void Client::go_away() {
  close(kGoingAway, "server restart", true);
}

void Client::close(int code, std::string_view reason, bool come_back) {
  if (closed_) return;
  closed_ = true;
  on_close(code, reason, come_back);
}

}  // namespace ltp::serve
