#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ltp::dhan {

/// What a client should do after the broker has given a reason.
enum class NextMove : std::uint8_t {
  kRetry,       // back off, reconnect
  kCooldown,    // 60 s or more without traffic, then one connection
  kNewToken,    // the token is used up: another one is needed
  kFatal,       // a person has to act: plan, client id
  kBadRequest,  // our request is wrong: do not repeat it
};
/// "retry", "cooldown", "new_token", "fatal", "bad_request", as in the vectors.
std::string_view to_text(NextMove move) noexcept;

NextMove next_move(std::uint16_t reason) noexcept;

/// "access token expired (807)"; an unknown number reads "reason 899".
std::string describe(std::uint16_t reason);

/// The same for an HTTP status before the upgrade: 401 and 403 are kNewToken, 429 is
/// kCooldown, everything else kRetry.
NextMove next_move_http(int status) noexcept;

}  // namespace ltp::dhan
