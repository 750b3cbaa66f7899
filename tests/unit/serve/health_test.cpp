#include "health.hpp"

#include <catch2/catch.hpp>

using namespace ltp::serve;

namespace {
constexpr std::int64_t kNow_us = 1767588330'400'000;  // 2026-01-05T10:15:30.4+05:30
const Liveness::Verdict kLive{true, "connected", ""};
}

TEST_CASE("health tells five states with the statuses that monitors know", "[serve][health]") {
  SECTION("healthy, with the age to one decimal") {
    const auto answer = describe({.heartbeat_us = 1767588318'000'000,
                                  .source = "redis_heartbeat",
                                  .verdict = kLive,
                                  .now_us = kNow_us});
    CHECK(answer.status == 200);
    CHECK(answer.body ==
          R"({"status":"healthy","heartbeat_age_seconds":12.4,)"
          R"("heartbeat_timestamp":"2026-01-05T10:15:18+05:30","source":"redis_heartbeat",)"
          R"("live":true,"state":"connected","feed_reconnects":0,"links_lost":0,)"
          R"("instruments":0,"clients":0,"timestamp":"2026-01-05T10:15:30+05:30"})");
  }
  SECTION("what is known of the feed is added") {
    const auto answer = describe({.heartbeat_us = kNow_us,
                                  .source = "memory",
                                  .verdict = {false, "disconnected", "no \"link\""},
                                  .feed_state = "disconnected",
                                  .feed_reason = "reset \"by\" peer",
                                  .last_tick_us = kNow_us - 1'950'000,
                                  .feed_reconnects = 4,
                                  .links_lost = 5,
                                  .instruments = 3,
                                  .clients = 2,
                                  .now_us = kNow_us});
    CHECK(answer.body ==
          R"({"status":"stale","heartbeat_age_seconds":0.0,)"
          R"("heartbeat_timestamp":"2026-01-05T10:15:30+05:30","source":"memory",)"
          R"("live":false,"state":"disconnected","reason":"no \"link\"",)"
          R"("feed_state":"disconnected","feed_reason":"reset \"by\" peer",)"
          R"("last_tick_age_seconds":1.9,"feed_reconnects":4,"links_lost":5,"instruments":3,"clients":2,)"
          R"("timestamp":"2026-01-05T10:15:30+05:30"})");
  }
  SECTION("a clock ahead of ours makes no negative age") {
    const auto answer =
        describe({.heartbeat_us = kNow_us + 5'000'000, .source = "memory", .verdict = kLive, .now_us = kNow_us});
    CHECK(answer.body.find(R"("heartbeat_age_seconds":0.0,)") != std::string::npos);
  }
  SECTION("stale from 60 s") {
    const auto answer =
        describe({.heartbeat_us = kNow_us - 60'000'000, .source = "memory", .verdict = kLive, .now_us = kNow_us});
    CHECK(answer.status == 200);
    CHECK(answer.body.starts_with(R"({"status":"stale","heartbeat_age_seconds":60.0,)"));
  }
  SECTION("what this server has heard itself is forgotten after 120 s, what Redis keeps is not") {
    const auto told = [](std::string_view source, std::int64_t age_us) {
      return describe({.heartbeat_us = kNow_us - age_us,
                       .source = source,
                       .verdict = {false, "disconnected", "nothing heard", true},
                       .now_us = kNow_us});
    };
    CHECK(told("memory", 119'999'999).status == 200);
    CHECK(told("memory", 120'000'000).status == 503);
    CHECK(told("memory", 120'000'000).body.starts_with(R"({"status":"not_running",)"));
    CHECK(told("redis_heartbeat", 120'000'000).body.starts_with(R"({"status":"stale",)"));
  }
  SECTION("a fresh heartbeat is enough if this server has merely heard nothing") {
    const auto answer = describe({.heartbeat_us = kNow_us,
                                  .source = "redis_heartbeat",
                                  .verdict = {false, "disconnected", "nothing heard", true},
                                  .now_us = kNow_us});
    CHECK(answer.body.starts_with(R"({"status":"healthy",)"));
  }
  SECTION("nothing runs") {
    const auto answer = describe({.now_us = kNow_us});
    CHECK(answer.status == 503);
    CHECK(answer.body.starts_with(
        R"({"status":"not_running","message":"No active WebSocket streams found",)"));
  }
  SECTION("it cannot be found out") {
    const auto answer = describe_failure("Redis cannot be reached", kNow_us);
    CHECK(answer.status == 500);
    CHECK(answer.body == R"({"status":"error","error":"Redis cannot be reached",)"
                         R"("timestamp":"2026-01-05T10:15:30+05:30"})");
  }
}

TEST_CASE("ready is only who has the prices of now", "[serve][health]") {
  CHECK(describe_alive().status == 200);
  const auto ready = describe_ready(kLive, kNow_us);
  CHECK(ready.status == 200);
  CHECK(ready.body == R"({"status":"ready","live":true,"state":"connected",)"
                      R"("timestamp":"2026-01-05T10:15:30+05:30"})");
  const auto not_ready = describe_ready({false, "mute", "no tick"}, kNow_us);
  CHECK(not_ready.status == 503);
  CHECK(not_ready.body == R"({"status":"not_ready","live":false,"state":"mute","reason":"no tick",)"
                          R"("timestamp":"2026-01-05T10:15:30+05:30"})");
}
