#include "status_line.hpp"

#include "base/text.hpp"

namespace ltp::feed {
namespace {

/// "0.2 s", "41 s", "3 min".
std::string age(std::int64_t ms) {
  if (ms < 10'000) return cat(ms / 1000, ".", ms / 100 % 10, " s");
  if (ms < 600'000) return cat(ms / 1000, " s");
  return cat(ms / 60'000, " min");
}

}  // namespace

std::string status_line(const Feed::Figures& figures, std::uint64_t ticks_per_s) {
  auto text = cat(figures.state, " ", figures.open, "/", figures.wanted, " | ", ticks_per_s,
                  " ticks/s");
  // The broker's times are whole seconds; a wrong clock of ours makes them the future.
  if (figures.lag_ms && *figures.lag_ms >= 0) text += cat(" | lag ", *figures.lag_ms / 1000, " s");
  if (figures.tick_age_ms) text += cat(" | last tick ", age(*figures.tick_age_ms), " ago");
  if (figures.reconnects > 0) text += cat(" | ", counted(figures.reconnects, "reconnect"));
  if (figures.merged > 0) text += cat(" | ", figures.merged, " merged");
  return text;
}

}  // namespace ltp::feed
