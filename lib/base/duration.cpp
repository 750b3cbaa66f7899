#include "base/duration.hpp"

#include <charconv>
#include <cmath>

namespace ltp {
namespace {

constexpr double kMost_ms = 30.0 * 86'400'000;

std::optional<double> unit_ms(std::string_view unit) noexcept {
  if (unit == "ms") return 1;
  if (unit.empty() || unit == "s") return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  if (text.empty() || text.front() == '-') return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const auto unit = unit_ms(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!unit || !(number * *unit <= kMost_ms)) return std::nullopt;  // NaN is refused here too
  return std::chrono::milliseconds{std::llround(number * *unit)};
}

}  // namespace ltp
