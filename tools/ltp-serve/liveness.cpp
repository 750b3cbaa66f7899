#include "liveness.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

/// A tick so long after the feed's bad news says that the news is old.
constexpr std::int64_t kNewsHold_us = 1'000'000;
constexpr std::int64_t kFirstWord_us = 700'000;

bool is_live(std::string_view state) {
  return state == "connected" || state == "partial";
}

}  // namespace

void Liveness::link_starts() {
  link_ = Link::kDown;
  link_reason_ = "the connection is being made";
}

void Liveness::link_down(std::string_view reason) {
  if (link_ == Link::kDown) return;
  ++links_lost_;
  link_ = Link::kDown;
  link_reason_ = reason;
}

void Liveness::link_filling() {
  link_ = Link::kFilling;
}

void Liveness::link_up() {
  link_ = Link::kUp;
}

void Liveness::heard_tick(std::int64_t now_us) {
  alive_us_ = last_tick_us_ = now_us;
}

void Liveness::heard_status(std::string_view state, std::string_view reason, std::int64_t now_us) {
  status_us_ = now_us;
  state_ = state;
  reason_ = reason;
  if (is_live(state)) alive_us_ = now_us;
  // Clients get the feed's own line: there is nothing to add to it.
  told_ = Verdict{is_live(state), state_, reason_};
}

void Liveness::heard_heartbeat(std::int64_t at_us) {
  alive_us_ = std::max(alive_us_.value_or(at_us), at_us);
}

Liveness::Verdict Liveness::verdict(std::int64_t now_us) const {
  if (link_ == Link::kDown)
    return {false, "disconnected", cat("this server does not hear Redis: ", link_reason_)};
  if (link_ == Link::kFilling)
    return {false, "disconnected", "this server is reading the prices that it missed"};
  if (!alive_us_ && !status_us_)
    return {false, "disconnected", "nothing has been heard of the feed yet", true};
  const bool moved_since = alive_us_ && status_us_ && *alive_us_ > *status_us_ + kNewsHold_us;
  if (status_us_ && !is_live(state_) && !moved_since) return {false, state_, reason_};
  const auto most_us = status_us_ ? kSilent_us : kSilentMute_us;
  if (!alive_us_ || now_us - *alive_us_ > most_us)
    return {false, "disconnected",
            cat("nothing has been heard of the feed for ", most_us / 1'000'000, " s"), true};
  if (status_us_ && is_live(state_)) return {true, state_, reason_};
  return {true, "connected", {}};
}

std::optional<Liveness::Verdict> Liveness::news(std::int64_t now_us) {
  auto now = verdict(now_us);
  if (!told_) {
    // At the start that all is well needs no word, and the feed gets a moment to say one.
    if (!first_us_) first_us_ = now_us;
    if (!now.live && now_us - *first_us_ < kFirstWord_us) return std::nullopt;
    told_ = now;
    if (now.live) return std::nullopt;
    return now;
  }
  if (now == *told_) return std::nullopt;
  told_ = now;
  return now;
}

std::string status_line(const Liveness::Verdict& verdict, std::optional<std::int64_t> last_tick_us,
                        std::int64_t now_us) {
  std::string out = R"({"type":"feed_status","state":)";
  ndjson::append_string(out, verdict.state);
  out.append(R"(,"reason":)");
  if (verdict.reason.empty()) {
    out.append("null");
  } else {
    ndjson::append_string(out, verdict.reason);
  }
  out.append(R"(,"source":"ltp-serve","last_tick_age_ms":)");
  out.append(last_tick_us ? cat(std::max<std::int64_t>(0, now_us - *last_tick_us) / 1000) : "null");
  out.append(R"(,"timestamp":")");
  append_ist(out, now_us / 1'000'000);
  return out + cat(R"(","recv_us":)", now_us, "}");
}

}  // namespace ltp::serve
