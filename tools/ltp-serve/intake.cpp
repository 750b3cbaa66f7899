#include "intake.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

#include <nlohmann/json.hpp>

namespace ltp::serve {
namespace {

/// Of a feed_status line; 0 if it does not say.
std::uint64_t reconnects_in(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.is_object()) return 0;
  const auto found = json.find("reconnects");
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

void Intake::line(std::string_view text, std::int64_t now_us) {
  text = trim(text);
  if (text.empty()) return;
  const auto read = reader_.read(text);
  if (const auto* tick = std::get_if<line::TickLine>(&read)) {
    liveness_.heard_tick(now_us);
    if (!hub_.tick(*tick, text, now_us / 1000)) ++junk_;
  } else if (const auto* status = std::get_if<line::StatusLine>(&read)) {
    liveness_.heard_status(status->state, status->reason, now_us);
    feed_reconnects_ = reconnects_in(text);
    hub_.other(text, true);
  } else if (std::holds_alternative<line::OtherLine>(read)) {
    hub_.other(text, false);
  } else {
    ++junk_;
  }
}

void Intake::look(std::int64_t now_us) {
  if (const auto news = liveness_.news(now_us))
    hub_.other(status_line(*news, liveness_.last_tick_us(), now_us), true);
}

}  // namespace ltp::serve
