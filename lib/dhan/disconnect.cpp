#include "dhan/disconnect.hpp"

#include "base/text.hpp"

namespace ltp::dhan {
namespace {

struct Known {
  std::uint16_t reason;
  NextMove move;
  std::string_view text;
};

constexpr Known kKnown[] = {
    {800, NextMove::kRetry, "internal server error"},
    {804, NextMove::kBadRequest, "more instruments than allowed"},
    {805, NextMove::kCooldown, "too many requests or connections"},
    {806, NextMove::kFatal, "no data plan"},
    {807, NextMove::kNewToken, "access token expired"},
    {808, NextMove::kFatal, "client id or token refused"},
    {809, NextMove::kNewToken, "access token invalid"},
    {810, NextMove::kFatal, "client id invalid"},
    {811, NextMove::kBadRequest, "bad expiry date"},
    {812, NextMove::kBadRequest, "bad date format"},
    {813, NextMove::kBadRequest, "bad security id"},
    {814, NextMove::kBadRequest, "bad request"},
};

const Known* find(std::uint16_t reason) noexcept {
  for (const Known& known : kKnown)
    if (known.reason == reason) return &known;
  return nullptr;
}

}  // namespace

std::string_view to_text(NextMove move) noexcept {
  switch (move) {
    case NextMove::kRetry: return "retry";
    case NextMove::kCooldown: return "cooldown";
    case NextMove::kNewToken: return "new_token";
    case NextMove::kFatal: return "fatal";
    case NextMove::kBadRequest: return "bad_request";
  }
  return "";
}

NextMove next_move(std::uint16_t reason) noexcept {
  const auto* known = find(reason);
  return known == nullptr ? NextMove::kRetry : known->move;
}

std::string describe(std::uint16_t reason) {
  const auto* known = find(reason);
  return known == nullptr ? cat("reason ", reason) : cat(known->text, " (", reason, ")");
}

NextMove next_move_http(int status) noexcept {
  if (status == 401 || status == 403) return NextMove::kNewToken;
  if (status == 429) return NextMove::kCooldown;
  return NextMove::kRetry;
}

}  // namespace ltp::dhan
