#pragma once

#include "liveness.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// What GET /api/v1/health/market_stream tells. All times are microseconds since 1970.
///
/// healthy     The feed was alive within the last 60 s, and nothing bad is known of it since.
/// stale       It was alive, but that is longer ago, or it or the link is down by now.
/// not_running There is no heartbeat in Redis, and this server has heard nothing for 120 s.
struct Health {
  std::optional<std::int64_t> heartbeat_us;  // the feed was alive then
  std::string_view source;                   // "redis_heartbeat", "memory"
  Liveness::Verdict verdict;
  std::string_view feed_state;   // of the last feed_status; empty: none came
  std::string_view feed_reason;  // likewise
  std::optional<std::int64_t> last_tick_us;
  std::uint64_t feed_reconnects = 0;  // by the feed's own word
  std::uint64_t links_lost = 0;       // times that this server did not hear Redis any more
  std::size_t instruments = 0;
  std::size_t clients = 0;
  std::int64_t now_us = 0;
};

struct HealthAnswer {
  int status;  // 200, or 503 if nothing runs
  std::string body;
};

HealthAnswer describe(const Health& health);
/// GET /livez: this process answers.
HealthAnswer describe_alive();
/// GET /readyz: 200 if the prices that clients get are those of now, else 503 and why not.
HealthAnswer describe_ready(const Liveness::Verdict& verdict, std::int64_t now_us);
/// 500: it could not be found out.
HealthAnswer describe_failure(std::string_view error, std::int64_t now_us);

}  // namespace ltp::serve
