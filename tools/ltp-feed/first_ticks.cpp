#include "first_ticks.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ltp::feed {

std::vector<Instrument> FirstTicks::late(const Intake& intake, const Sessions& hours,
                                         std::chrono::milliseconds wait, std::int64_t now_ms,
                                         std::int64_t utc_s) {
  constexpr std::int64_t kNamed = -1;
  std::erase_if(awaited_, [&](const auto& entry) { return intake.has_ticked(entry.first); });
  std::vector<Instrument> found;
  for (auto& [instrument, since] : awaited_) {
    if (since == kNamed) continue;
    const auto opened = hours.opened_at(instrument.segment, utc_s);
    if (!opened || std::min(now_ms - since, (utc_s - *opened) * 1000) < wait.count()) continue;
    since = kNamed;
    found.push_back(instrument);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string name_some(const std::vector<Instrument>& instruments) {
  constexpr std::size_t kShown = 10;
  std::string names;
  for (std::size_t i = 0; i < std::min(instruments.size(), kShown); ++i)
    names += cat(i == 0 ? "" : ", ", to_text(instruments[i]));
  if (instruments.size() > kShown) names += cat(" and ", instruments.size() - kShown, " more");
  return names;
}

}  // namespace ltp::feed
