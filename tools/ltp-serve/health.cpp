#include "health.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

constexpr std::int64_t kHealthyFor_us = 60'000'000;
constexpr std::int64_t kRemembered_us = 120'000'000;  // what was heard, not kept in Redis

/// Seconds with one decimal, never below zero: clocks of two hosts may differ.
void append_age(std::string& out, std::int64_t from_us, std::int64_t now_us) {
  const auto tenths = std::max<std::int64_t>(0, now_us - from_us) / 100'000;
  out += cat(tenths / 10, ".", tenths % 10);
}

void append_time(std::string& out, std::string_view name, std::int64_t us) {
  out.append(",\"").append(name).append("\":\"");
  append_ist(out, us / 1'000'000);
  out.push_back('"');
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out.append(",\"").append(name).append("\":");
  ndjson::append_string(out, text);
}

void append_verdict(std::string& out, const Liveness::Verdict& verdict) {
  out.append(verdict.live ? R"(,"live":true)" : R"(,"live":false)");
  append_text(out, "state", verdict.state);
  append_text(out, "reason", verdict.reason);
}

}  // namespace

HealthAnswer describe(const Health& health) {
  std::string out = R"({"status":")";
  int status = 200;
  const auto age_us = health.now_us - health.heartbeat_us.value_or(0);
  if (health.source == "memory" ? age_us < kRemembered_us : health.heartbeat_us.has_value()) {
    const bool fresh = age_us < kHealthyFor_us;
    const bool trouble = !health.verdict.live && !health.verdict.silent;
    out.append(fresh && !trouble ? "healthy" : "stale");
    out.append(R"(","heartbeat_age_seconds":)");
    append_age(out, *health.heartbeat_us, health.now_us);
    append_time(out, "heartbeat_timestamp", *health.heartbeat_us);
    out.append(R"(,"source":")").append(health.source).push_back('"');
  } else {
    out.append(R"(not_running","message":"No active WebSocket streams found")");
    status = 503;
  }
  append_verdict(out, health.verdict);
  append_text(out, "feed_state", health.feed_state);
  append_text(out, "feed_reason", health.feed_reason);
  if (health.last_tick_us) {
    out.append(R"(,"last_tick_age_seconds":)");
    append_age(out, *health.last_tick_us, health.now_us);
  }
  out +=
      cat(R"(,"feed_reconnects":)", health.feed_reconnects, R"(,"links_lost":)", health.links_lost,
          R"(,"instruments":)", health.instruments, R"(,"clients":)", health.clients);
  append_time(out, "timestamp", health.now_us);
  return {status, out + "}"};
}

HealthAnswer describe_alive() {
  return {200, R"({"status":"alive"})"};
}

HealthAnswer describe_ready(const Liveness::Verdict& verdict, std::int64_t now_us) {
  std::string out = verdict.live ? R"({"status":"ready")" : R"({"status":"not_ready")";
  append_verdict(out, verdict);
  append_time(out, "timestamp", now_us);
  return {verdict.live ? 200 : 503, out + "}"};
}

HealthAnswer describe_failure(std::string_view error, std::int64_t now_us) {
  std::string out = R"({"status":"error","error":)";
  ndjson::append_string(out, error);
  append_time(out, "timestamp", now_us);
  return {500, out + "}"};
}

}  // namespace ltp::serve
