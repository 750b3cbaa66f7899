#include "session.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cable_session.hpp"
#include "plain_session.hpp"

namespace ltp::serve {
namespace {

constexpr int kGoingAway = 1001;
constexpr int kPolicy = 1008;
constexpr int kTryAgainLater = 1013;

}  // namespace

bool Session::write(std::string_view messages) {
  if (closed_) return false;
  if (!peer_.held() && peer_.write_raw(messages)) {
    // Taken; but if some of it still waits for the kernel the next must wait as well.
    if (peer_.held()) peer_.want_writable();
    return true;
  }
  if (!held_since_ms_) held_since_ms_ = steady_ms();
  peer_.want_writable();
  return false;
}

void Session::on_writable() {
  held_since_ms_.reset();
  if (!closed_) on_drained();
}

void Session::on_message(std::string_view message, bool binary) {
  if (closed_) return;
  if (!commands_.take(steady_ms(), shared_.limits.commands_per_s))
    return close(kPolicy, cat("more than ", shared_.limits.commands_per_s, " commands a second"),
                 true);
  if (binary) {
    on_bad();
  } else {
    on_text(message);
  }
}

bool Session::on_bad() {
  if (++bad_ <= kMaxBad) return true;
  close(kPolicy, "too many frames that mean nothing", false);
  return false;
}

void Session::beat(std::int64_t unix_s) {
  if (closed_) return;
  const auto now_ms = steady_ms();
  if (peer_.held() && !held_since_ms_) {
    held_since_ms_ = now_ms;
    peer_.want_writable();
  }
  if (held_since_ms_ && now_ms - *held_since_ms_ >= shared_.limits.stall_ms)
    return close(kTryAgainLater, "too slow; come back", true);
  on_beat(unix_s);
}

void Session::go_away() {
  close(kGoingAway, "server restart", true);
}

void Session::close(int code, std::string_view reason, bool come_back) {
  if (closed_) return;
  say_good_bye(code == kGoingAway       ? "server_restart"
               : code == kTryAgainLater ? "too_slow"
                                        : reason,
               come_back);
  closed_ = true;
  peer_.close(code, reason);
}

std::unique_ptr<Session> make_session(const Shared& shared, net::WsPeer& peer,
                                      const net::Request& request) {
  if (static_cast<Dialect>(peer.tag()) == Dialect::kPlain)
    return std::make_unique<PlainSession>(shared, peer, request);
  return std::make_unique<CableSession>(shared, peer, request);
}

std::optional<std::string> query_fault(Dialect dialect, std::string_view query,
                                       const Limits& limits) {
  if (dialect != Dialect::kPlain) return std::nullopt;
  const auto ask = plain::parse_query(query, limits);
  if (ask) return std::nullopt;
  return ask.error().text + "; ask for /ws?keys=NSE_EQ:2885,IDX_I:* or keys=*";
}

}  // namespace ltp::serve
