#include "tick/price_text.hpp"

#include <charconv>
#include <cmath>

namespace ltp {

bool is_price_text(std::string_view text) noexcept {
  // from_chars takes less than JSON forbids: a leading zero, a bare point, "inf".
  const auto digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  if (!digit(0) || (text[0] == '0' && digit(1))) return false;
  const auto point = text.find('.');
  if (point != std::string_view::npos && !digit(point + 1)) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 &&
         std::isfinite(value);
}

}  // namespace ltp
