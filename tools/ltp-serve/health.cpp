#include "health.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

constexpr std::int64_t kHealthyFor_us = 60'000'000;

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

}  // namespace

HealthAnswer describe(const Health& health) {
  std::string out = R"({"status":")";
  int status = 200;
  if (health.heartbeat_us) {
    out.append(health.now_us - *health.heartbeat_us < kHealthyFor_us ? "healthy" : "stale");
    out.append(R"(","heartbeat_age_seconds":)");
    append_age(out, *health.heartbeat_us, health.now_us);
    append_time(out, "heartbeat_timestamp", *health.heartbeat_us);
    out.append(R"(,"source":")").append(health.source).push_back('"');
  } else {
    out.append(R"(not_running","message":"No active WebSocket streams found")");
    status = 503;
  }
  if (!health.feed_state.empty()) {
    out.append(R"(,"feed_state":)");
    ndjson::append_string(out, health.feed_state);
  }
  if (!health.feed_reason.empty()) {
    out.append(R"(,"feed_reason":)");
    ndjson::append_string(out, health.feed_reason);
  }
  if (health.last_tick_us) {
    out.append(R"(,"last_tick_age_seconds":)");
    append_age(out, *health.last_tick_us, health.now_us);
  }
  out += cat(R"(,"instruments":)", health.instruments, R"(,"clients":)", health.clients);
  append_time(out, "timestamp", health.now_us);
  return {status, out + "}"};
}

HealthAnswer describe_failure(std::string_view error, std::int64_t now_us) {
  std::string out = R"({"status":"error","error":)";
  ndjson::append_string(out, error);
  append_time(out, "timestamp", now_us);
  return {500, out + "}"};
}

}  // namespace ltp::serve
