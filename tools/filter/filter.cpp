#include "filter/filter.hpp"

#include <variant>

namespace ltp::filter {
namespace {

constexpr std::int64_t kBeatEvery_ms = 5000;

}  // namespace

void Filter::take(const line::Line& line, std::string_view text, std::int64_t now_ms) {
  if (const auto* tick = std::get_if<line::TickLine>(&line)) {
    outbox_.put(tick->instrument, tick->ltp, text);
    beat(now_ms);
  } else if (const auto* status = std::get_if<line::StatusLine>(&line)) {
    if (publishes_) outbox_.put_status(text);
    if (status->connected) beat(now_ms);
  } else if (publishes_) {
    outbox_.publish_once(text);
  }
}

void Filter::beat(std::int64_t now_ms) {
  if (!stores_ || (beat_ms_ != 0 && now_ms - beat_ms_ < kBeatEvery_ms)) return;
  if (outbox_.beat()) beat_ms_ = now_ms;  // not sent, it is due again with the next line
}

}  // namespace ltp::filter
