#pragma once

#include <cstdint>
#include <string>

namespace ltp {

/// Microseconds since 1970 UTC. May jump when the machine's clock is set.
std::int64_t wall_us() noexcept;

/// Milliseconds on a clock that never goes back; for intervals only.
std::int64_t steady_ms() noexcept;

/// Appends RFC 3339 seconds in Indian time, the broker's and the contract's zone:
/// 2026-01-05T10:15:30+05:30. `utc_s` is seconds since 1970 UTC. Years past 9999 or
/// before 0 are clamped, so that the text always has this shape.
void append_ist(std::string& out, std::int64_t utc_s);
std::string ist(std::int64_t utc_s);

/// Likewise the time of an HTTP header (RFC 9110, 5.6.7): Mon, 05 Jan 2026 04:45:30 GMT
void append_http_date(std::string& out, std::int64_t utc_s);

}  // namespace ltp
