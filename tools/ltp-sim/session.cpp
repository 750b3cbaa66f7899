#include "session.hpp"

#include "dhan/frame.hpp"
#include "malformed.hpp"

#include <algorithm>

namespace ltp::sim {
namespace {

constexpr std::int64_t kPingEvery_ms = 10'000;
constexpr std::int64_t kDropAfter_ms = 40'000;
constexpr std::uint64_t kInterestEvery = 10;  // trades
constexpr std::uint16_t kTooManyInstruments = 804;
constexpr std::uint16_t kBadRequest = 814;

}  // namespace

Session::Session(loop::Loop& loop, Floor& floor, const Faults& faults, net::WsPeer& peer,
                 std::string client_id, std::string token)
    : floor_(floor),
      faults_(faults),
      wire_(loop, peer),
      client_id_(std::move(client_id)),
      token_(std::move(token)) {
  const dhan::Header open{static_cast<std::uint8_t>(dhan::Code::kMarketStatus), 0,
                          static_cast<std::uint8_t>(Segment::kNseEq), 0};
  dhan::append_packet(gathered_, {open, dhan::MarketStatus{}});
}

Session::~Session() {
  for (auto& [key, wish] : wishes_) floor_.remove(wish);
}

void Session::on_request(std::string_view text, std::int64_t now_ms) {
  if (ended_) return;
  const auto request = dhan::parse_request(text);
  if (!request) {
    if (request.error().text.starts_with("more than")) disconnect(kBadRequest);
    return;
  }
  count(request.value(), now_ms);
  switch (request.value().action) {
    case dhan::Action::kSubscribe: return subscribe(request.value());
    case dhan::Action::kUnsubscribe:
      for (const auto& instrument : request.value().instruments)
        unsubscribe({instrument, request.value().mode});
      return;
    case dhan::Action::kDisconnect:
      ended_ = true;
      wire_.close();
      return;
  }
}

void Session::count(const dhan::Request& request, std::int64_t now_ms) {
  ++asked_.requests;
  if (now_ms - second_ms_ >= 1000) {
    second_ms_ = now_ms;
    in_second_ = 0;
  }
  asked_.most_requests_in_a_second = std::max(asked_.most_requests_in_a_second, ++in_second_);
  asked_.most_instruments_in_a_request =
      std::max(asked_.most_instruments_in_a_request, request.instruments.size());
}

void Session::subscribe(const dhan::Request& request) {
  for (const auto& instrument : request.instruments) {
    const Key key{instrument, request.mode};
    if (wishes_.contains(key) || unlisted_.contains(key)) continue;
    if (wishes() == dhan::kMaxPerConnection) return disconnect(kTooManyInstruments);
    Day* day = floor_.market().open_day(instrument, floor_.now_s());
    if (day == nullptr) {
      unlisted_.insert(key);
      continue;
    }
    auto& wish = wishes_.try_emplace(key, Wish{*this, *day, request.mode}).first->second;
    floor_.add(wish);
    owe(wish);
  }
  flush();
}

void Session::unsubscribe(Key key) {
  unlisted_.erase(key);
  const auto found = wishes_.find(key);
  if (found == wishes_.end()) return;
  if (found->second.owed) std::erase(owed_, &found->second);
  floor_.remove(found->second);
  wishes_.erase(found);
}

void Session::on_trade(Wish& wish) {
  if (ended_ || wish.owed) return;
  if (!wire_.free() || faults_.mutes(wish.day.instrument)) return owe(wish);
  append(wish);
  if (gathered_.size() > kMessage) send_gathered();
}

void Session::owe(Wish& wish) {
  wish.owed = true;
  owed_.push_back(&wish);
}

void Session::append(Wish& wish) {
  if (std::exchange(wish.fresh, false)) {
    append_prev_close(gathered_, wish.day);
    if (wish.mode == TickKind::kQuote) append_open_interest(gathered_, wish.day);
  } else if (wish.mode == TickKind::kQuote && ++trades_ % kInterestEvery == 0) {
    append_open_interest(gathered_, wish.day);
  }
  append_price(gathered_, wish.day, wish.mode);
}

void Session::flush() {
  if (!gathered_.empty()) send_gathered();
  if (!owed_.empty() && wire_.free() && !faults_.mute) pay();
}

/// The latest of each that is owed, until the line is full; what is muted stays owed.
void Session::pay() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < owed_.size(); ++i) {
    Wish& wish = *owed_[i];
    if (gathered_.size() > kMessage) send_gathered();
    if (!wire_.free() || faults_.mutes(wish.day.instrument)) {
      owed_[kept++] = &wish;
      continue;
    }
    wish.owed = false;
    append(wish);
  }
  owed_.resize(kept);
  if (!gathered_.empty()) send_gathered();
}

void Session::send_gathered() {
  if (!ended_) wire_.message(gathered_);
  gathered_.clear();
}

void Session::relay(dhan::Bytes message) {
  if (ended_) return;
  dhan::split(
      message,
      [&](const dhan::Packet& packet, std::size_t offset) {
        if (!is_for_us(packet)) return;
        const auto rest = message.subspan(offset);
        const std::size_t size = *dhan::packet_size(packet.header.code);
        const std::size_t declared = packet.header.length;
        const auto whole = declared > size && declared <= rest.size() ? declared : size;
        gathered_.append(reinterpret_cast<const char*>(rest.data()), whole);
      },
      [](const dhan::IssueAt&) {});
  flush();
}

bool Session::is_for_us(const dhan::Packet& packet) const {
  if (faults_.mute || std::holds_alternative<dhan::Disconnect>(packet.body)) return false;
  const auto segment = segment_from_code(packet.header.segment);
  if (!segment || packet.header.security_id == 0) return true;
  const Instrument instrument{*segment, packet.header.security_id};
  const auto wanted = unlisted_.lower_bound({instrument, TickKind::kTicker});
  return wanted != unlisted_.end() && wanted->first == instrument && !faults_.mutes(instrument);
}

void Session::beat(std::int64_t now_ms) {
  if (pong_ms_ == 0) pinged_ms_ = now_ms;
  // A line that is held up cannot be blamed for silence.
  if (pong_ms_ == 0 || faults_.stalled || faults_.drip || wire_.lost()) pong_ms_ = now_ms;
  if (now_ms - pong_ms_ >= kDropAfter_ms) {
    ended_ = true;
    wire_.close();
  } else if (now_ms - pinged_ms_ >= kPingEvery_ms) {
    pinged_ms_ = now_ms;
    wire_.ping();
  }
}

void Session::disconnect(std::uint16_t reason) {
  if (ended_) return;
  dhan::append_packet(gathered_, {{static_cast<std::uint8_t>(dhan::Code::kDisconnect), 0, 0, 0},
                                  dhan::Disconnect{reason}});
  send_gathered();
  ended_ = true;
  wire_.close();
}

void Session::send_batch(std::size_t packets) {
  if (ended_ || wishes_.empty()) return;
  flush();
  std::string message;
  for (auto wish = wishes_.begin(); packets > 0; --packets) {
    append_price(message, wish->second.day, wish->second.mode);
    if (++wish == wishes_.end()) wish = wishes_.begin();
  }
  wire_.message(message);
}

void Session::send_malformed(Malformed kind) {
  if (ended_) return;
  static const Day kNobodys{.instrument = {Segment::kNseEq, 1}, .ltp = 1};
  const auto* wish = wishes_.empty() ? nullptr : &wishes_.begin()->second;
  const auto bad = make_malformed(kind, wish == nullptr ? kNobodys : wish->day,
                                  wish == nullptr ? TickKind::kTicker : wish->mode);
  if (bad.form == Form::kRaw) return wire_.raw(bad.bytes);
  wire_.message(bad.bytes, bad.form == Form::kBinary);
}

}  // namespace ltp::sim
