#include "tick/instrument.hpp"

#include <charconv>

namespace ltp {

std::optional<Instrument> parse_instrument(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto segment = segment_from_name(text.substr(0, colon));
  const auto digits = text.substr(colon + 1);
  if (!segment || digits.empty() || digits.size() > 10) return std::nullopt;

  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc{} || end != digits.data() + digits.size() || id == 0) return std::nullopt;
  return Instrument{*segment, id};
}

void append_instrument(std::string& out, Instrument instrument) {
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, instrument.security_id).ptr;
  out.append(segment_name(instrument.segment)).append(1, ':').append(digits, end);
}

std::string to_text(Instrument instrument) {
  std::string out;
  append_instrument(out, instrument);
  return out;
}

}  // namespace ltp
