#include "intake.hpp"

#include "base/text.hpp"
#include "cli/log.hpp"
#include "tick/ndjson.hpp"

#include <utility>

namespace ltp::feed {
namespace {

std::optional<Instrument> instrument_of(const dhan::Header& header) noexcept {
  const auto segment = segment_from_code(header.segment);
  if (!segment || header.security_id == 0) return std::nullopt;
  return Instrument{*segment, header.security_id};
}

}  // namespace

void Intake::watch(const WatchList& list) {
  everything_ = false;
  auto before = std::exchange(watched_, {});
  for (const auto instrument : list.instruments()) {
    const auto known = before.find(instrument);
    watched_[instrument] = {.symbol = std::string(list.symbol(instrument)),
                            .ticked = known != before.end() && known->second.ticked};
  }
}

void Intake::set_source(Source source) {
  source_ = source;
  assembler_.set_source(source);
}

bool Intake::has_ticked(Instrument instrument) const {
  const auto found = watched_.find(instrument);
  return found != watched_.end() && found->second.ticked;
}

Intake::Heard Intake::on_message(std::span<const std::byte> message, bool binary,
                                 std::int64_t recv_us, std::optional<std::int64_t> recorded_us) {
  Heard heard;
  if (!binary) {
    ++text_messages_;
    const std::string_view text{reinterpret_cast<const char*>(message.data()), message.size()};
    cli::log::debug(cat("the broker sent a text message: ", printable(text)));
    return heard;
  }
  dhan::split(
      message,
      [&](const dhan::Packet& packet, std::size_t) {
        ++heard.packets;
        on_packet(packet, {recv_us, recorded_us}, heard);
      },
      [&](const dhan::IssueAt& at) { ++issues_[static_cast<std::size_t>(at.issue)]; });
  return heard;
}

void Intake::on_packet(const dhan::Packet& packet, When when, Heard& heard) {
  const auto instrument = instrument_of(packet.header);
  const auto watched = instrument ? watched_.find(*instrument) : watched_.end();
  const bool known = watched != watched_.end();

  if (const auto* disconnect = std::get_if<dhan::Disconnect>(&packet.body)) {
    heard.goodbye = {disconnect->reason, known ? instrument : std::nullopt};
    return;
  }
  if (std::holds_alternative<dhan::MarketStatus>(packet.body)) {
    heard.market_status = segment_from_code(packet.header.segment);
    return;
  }
  if (instrument && !known && !everything_) {
    ++unasked_;  // it would grow every table behind us
    return;
  }
  if (limit_ > 0 && ticks_ == limit_) return;
  auto tick = assembler_.add(packet, when.recv_us);
  if (!tick) return;
  tick->recorded_us = when.recorded_us;
  if (known) {
    tick->symbol = watched->second.symbol;
    watched->second.ticked = true;
  }
  if (!tick->prev_close && tick->day && dhan::is_price(tick->day->close) &&
      open_[static_cast<std::size_t>(tick->instrument.segment)])
    tick->prev_close = tick->day->close;
  ++ticks_;
  ++heard.ticks;
  if (tick->trade_time_s) last_lag_ms_ = when.first_us() / 1000 - *tick->trade_time_s * 1000;
  line_.clear();
  ndjson::append_tick(line_, *tick);
  output_.tick(tick->instrument, line_);
}

std::string Intake::odd_things() const {
  std::string text;
  const auto add = [&](const std::string& part) {
    text += cat(text.empty() ? "" : ", ", part);
  };
  for (std::size_t i = 0; i < issues_.size(); ++i)
    if (issues_[i] > 0) add(cat(issues_[i], " ", dhan::to_text(static_cast<dhan::Issue>(i))));
  if (text_messages_ > 0) add(counted(text_messages_, "text message"));
  if (unasked_ > 0) add(cat(unasked_, " of instruments that were not asked for"));
  if (const auto none = assembler_.without_price(); none > 0)
    add(counted(none, "packet") + " without a price");
  return text;
}

}  // namespace ltp::feed
