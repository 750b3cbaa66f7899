#include "dhan/assembler.hpp"

namespace ltp::dhan {

Assembler::Known* Assembler::remember(Instrument instrument) {
  if (known_.size() < kMaxRemembered) return &known_[instrument];
  const auto found = known_.find(instrument);
  return found == known_.end() ? nullptr : &found->second;
}

std::optional<Tick> Assembler::add(const Packet& packet, std::int64_t recv_us) {
  const auto segment = segment_from_code(packet.header.segment);
  if (!segment || packet.header.security_id == 0) return std::nullopt;
  const Instrument instrument{*segment, packet.header.security_id};

  if (const auto* close = std::get_if<PrevClose>(&packet.body)) {
    if (!is_price(close->price)) return std::nullopt;
    if (auto* known = remember(instrument)) known->prev_close = close->price;
    return std::nullopt;
  }
  if (const auto* interest = std::get_if<OpenInterest>(&packet.body)) {
    if (auto* known = remember(instrument)) known->open_interest = interest->open_interest;
    return std::nullopt;
  }

  Tick tick{.instrument = instrument, .source = source_, .recv_us = recv_us};
  std::uint32_t trade_time = 0;
  if (const auto* ticker = std::get_if<Ticker>(&packet.body)) {
    tick.kind = TickKind::kTicker;
    tick.ltp = ticker->ltp;
    trade_time = ticker->trade_time_raw;
  } else if (const auto* quote = std::get_if<Quote>(&packet.body)) {
    tick.kind = TickKind::kQuote;
    tick.ltp = quote->ltp;
    tick.day = quote->day;
    trade_time = quote->trade_time_raw;
  } else if (const auto* full = std::get_if<Full>(&packet.body)) {
    tick.kind = TickKind::kFull;
    tick.ltp = full->ltp;
    tick.day = full->day;
    tick.depth = &full->depth;
    trade_time = full->trade_time_raw;
    tick.open_interest = full->open_interest;
  } else {
    return std::nullopt;  // no packet of v2 that carries a price
  }
  if (!is_price(tick.ltp)) {
    ++without_price_;
    return std::nullopt;
  }

  tick.trade_time_s = trade_time_utc(trade_time);
  tick.seq = ++seq_;
  if (const auto known = known_.find(instrument); known != known_.end()) {
    tick.prev_close = known->second.prev_close;
    if (!tick.open_interest) tick.open_interest = known->second.open_interest;
  }
  return tick;
}

}  // namespace ltp::dhan
