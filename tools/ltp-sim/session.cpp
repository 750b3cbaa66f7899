#include "session.hpp"

namespace ltp::sim {
namespace {

constexpr std::int64_t kPingEvery_ms = 10'000;
constexpr std::int64_t kDropAfter_ms = 40'000;
constexpr std::uint64_t kInterestEvery = 10;  // trades
constexpr std::uint16_t kTooManyInstruments = 804;
constexpr std::uint16_t kBadRequest = 814;

}  // namespace

Session::Session(Market& market, net::WsPeer& peer, std::string client_id)
    : market_(market), peer_(peer), client_id_(std::move(client_id)) {
  const dhan::Header open{static_cast<std::uint8_t>(dhan::Code::kMarketStatus), 0,
                          static_cast<std::uint8_t>(Segment::kNseEq), 0};
  dhan::append_packet(gathered_, {open, dhan::MarketStatus{}});
  flush();
}

void Session::on_request(std::string_view text, std::int64_t now_s) {
  if (ended_) return;
  const auto request = dhan::parse_request(text);
  if (!request) {
    if (request.error().text.starts_with("more than")) disconnect(kBadRequest);
    return;
  }
  switch (request.value().action) {
    case dhan::Action::kSubscribe: return subscribe(request.value(), now_s);
    case dhan::Action::kUnsubscribe:
      for (const auto& instrument : request.value().instruments)
        wanted_.erase({instrument, request.value().mode});
      return;
    case dhan::Action::kDisconnect:
      ended_ = true;
      peer_.close(1000, "");
      return;
  }
}

void Session::subscribe(const dhan::Request& request, std::int64_t now_s) {
  for (const auto& instrument : request.instruments) {
    if (!wanted_.insert({instrument, request.mode}).second) continue;
    if (wanted_.size() > dhan::kMaxPerConnection) return disconnect(kTooManyInstruments);
    if (market_.open_day(instrument, now_s) == nullptr) continue;  // nothing ever comes
    market_.append_prev_close(gathered_, instrument);
    if (request.mode == TickKind::kQuote) market_.append_open_interest(gathered_, instrument);
    market_.append_price(gathered_, instrument, request.mode);
    if (gathered_.size() > kMessage) flush();
  }
  flush();
}

void Session::on_trade(Instrument instrument) {
  if (ended_) return;
  for (auto at = wanted_.lower_bound({instrument, TickKind::kTicker});
       at != wanted_.end() && at->first == instrument; ++at) {
    market_.append_price(gathered_, instrument, at->second);
    if (at->second == TickKind::kQuote && ++trades_ % kInterestEvery == 0)
      market_.append_open_interest(gathered_, instrument);
  }
  if (gathered_.size() > kMessage) flush();
}

void Session::flush() {
  if (!gathered_.empty() && !ended_) peer_.send(gathered_, true);
  gathered_.clear();
}

void Session::beat(std::int64_t now_ms) {
  if (pong_ms_ == 0) pong_ms_ = pinged_ms_ = now_ms;
  if (now_ms - pong_ms_ >= kDropAfter_ms) {
    ended_ = true;
    peer_.close(1001, "no pong");
  } else if (now_ms - pinged_ms_ >= kPingEvery_ms) {
    pinged_ms_ = now_ms;
    peer_.ping();
  }
}

void Session::disconnect(std::uint16_t reason) {
  if (ended_) return;
  dhan::append_packet(gathered_, {{static_cast<std::uint8_t>(dhan::Code::kDisconnect), 0, 0, 0},
                                  dhan::Disconnect{reason}});
  flush();
  ended_ = true;
  peer_.close(1000, "");
}

}  // namespace ltp::sim
