#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// What GET /api/v1/health/market_stream tells. All times are microseconds since 1970.
struct Health {
  std::optional<std::int64_t> heartbeat_us;  // the feed was alive then
  std::string_view source;                   // "redis_heartbeat", "memory"
  std::string_view feed_state;               // of the last feed_status; empty: none came
  std::string_view feed_reason;              // likewise
  std::optional<std::int64_t> last_tick_us;
  std::size_t instruments = 0;
  std::size_t clients = 0;
  std::int64_t now_us = 0;
};

struct HealthAnswer {
  int status;  // 200, or 503 if nothing runs
  std::string body;
};

HealthAnswer describe(const Health& health);
/// 500: it could not be found out.
HealthAnswer describe_failure(std::string_view error, std::int64_t now_us);

}  // namespace ltp::serve
