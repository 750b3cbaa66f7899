#include "plain_session.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ltp::serve {

PlainSession::PlainSession(const Shared& shared, net::WsPeer& peer, const net::Request& request)
    : Session(shared, peer) {
  // It was looked at before the client was let in; limits may have changed since.
  const auto asked = plain::parse_query(request.query, shared.limits);
  const auto ask = asked ? asked.value() : plain::Ask{};
  const auto batch = ask.batched ? Wrap::Batch::kLines : Wrap::Batch::kNone;
  subscription_ = shared.hub.subscribe(*this, Filter{}, {.batch = batch, .tells = true});
  subscription_->max_hz(shared.limits.max_hz);
  apply(ask);
}

void PlainSession::on_text(std::string_view text) {
  const auto ask = plain::parse_message(text, shared_.limits);
  if (ask) return apply(ask.value());
  if (on_bad()) peer_.send(plain::error_line(ask.error().text));
}

void PlainSession::apply(const plain::Ask& ask) {
  Filter would = subscription_->filter();
  would.add(ask.subscribe);
  would.remove(ask.unsubscribe);
  if (const auto most = shared_.limits.keys; would.keys() > most) {
    peer_.send(
        plain::error_line(cat("that would be ", would.keys(), " keys, and one connection may have ",
                              most, "; nothing has changed")));
    return;
  }
  if (ask.max_hz) subscription_->max_hz(shared_.limits.capped(ask.max_hz));
  if (!ask.subscribe.empty()) subscription_->want(ask.subscribe);
  if (!ask.unsubscribe.empty()) subscription_->unwant(ask.unsubscribe);
  shared_.hub.flush(*subscription_);
}

void PlainSession::on_drained() {
  shared_.hub.flush(*subscription_);
}

}  // namespace ltp::serve
