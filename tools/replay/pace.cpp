#include "replay/pace.hpp"

#include <algorithm>
#include <charconv>

namespace ltp::replay {
namespace {

constexpr double kSlowest = 0.001;
constexpr double kFastest = 1'000'000;

/// Of a wait: a time from the far future must not leave the range of the clock.
constexpr std::chrono::hours kLongest{24 * 366 * 100};

}  // namespace

std::optional<Speed> parse_speed(std::string_view text) noexcept {
  if (text == "max") return Speed{.waits = false};
  double times = 0;
  const auto* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, times);
  if (error != std::errc{} || after != end) return std::nullopt;
  if (!(times >= kSlowest && times <= kFastest)) return std::nullopt;
  return Speed{.times = times};
}

Pace::Moment Pace::due(std::int64_t recv_us, Moment now) noexcept {
  using std::micro;
  using std::chrono::duration;
  using std::chrono::duration_cast;
  if (!begun_ || recv_us < last_us_) {
    from_us_ = recv_us;
    from_ = begun_ ? last_ : now;
    begun_ = true;
  }
  const duration<double, micro> wait{static_cast<double>(recv_us - from_us_) / speed_.times};
  const duration<double, micro> longest{kLongest};
  last_us_ = recv_us;
  last_ = from_ + duration_cast<Moment::duration>(std::min(wait, longest));
  return last_;
}

}  // namespace ltp::replay
