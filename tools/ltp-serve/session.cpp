#include "session.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cable_session.hpp"
#include "plain_session.hpp"

namespace ltp::serve {

void Session::on_message(std::string_view message, bool binary) {
  if (closed()) return;
  if (!commands_.take(steady_ms(), shared_.limits.commands_per_s))
    return close(kPolicy, cat("more than ", shared_.limits.commands_per_s, " commands a second"),
                 true);
  if (binary) return close(kNotText, "only text is spoken here", false);
  on_text(message);
}

bool Session::on_bad() {
  if (++bad_ <= kMaxBad) return true;
  close(kPolicy, "too many frames that mean nothing", false);
  return false;
}

void Session::on_close(int code, std::string_view reason, bool come_back) {
  const auto word = code == kGoingAway       ? "server_restart"
                    : code == kTryAgainLater ? "too_slow"
                                             : reason;
  say_good_bye(word, come_back);
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
