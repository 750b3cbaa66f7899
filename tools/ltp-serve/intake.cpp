#include "intake.hpp"

#include "base/text.hpp"

namespace ltp::serve {

void Intake::line(std::string_view text, std::int64_t now_us) {
  text = trim(text);
  if (text.empty()) return;
  const auto read = reader_.read(text);
  if (const auto* tick = std::get_if<line::TickLine>(&read)) {
    alive_us_ = last_tick_us_ = now_us;
    hub_.tick(tick->instrument, text, tick->ltp, now_us / 1000);
  } else if (const auto* status = std::get_if<line::StatusLine>(&read)) {
    if (status->connected) alive_us_ = now_us;
    feed_state_ = status->state;
    feed_reason_ = status->reason;
    hub_.other(text, true);
  } else if (std::holds_alternative<line::OtherLine>(read)) {
    hub_.other(text, false);
  } else {
    ++junk_;
  }
}

}  // namespace ltp::serve
