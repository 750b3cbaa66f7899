#include "key_list.hpp"

#include "base/text.hpp"

namespace ltp::serve {

std::vector<std::string> split_keys(std::string_view text) {
  std::vector<std::string> keys;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto key = trim(text.substr(0, comma));
    if (!key.empty()) keys.emplace_back(key);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return keys;
}

Result<Filter, KeyError> parse_filter(std::span<const std::string> keys, std::size_t most) {
  if (keys.empty()) return KeyError{"no key is named"};
  if (keys.size() > most) return KeyError{cat("more than ", counted(most, "key"))};
  Filter filter;
  for (const std::string_view key : keys) {
    if (key == "*") {
      filter.all = true;
    } else if (key.ends_with(":*")) {
      const auto segment = segment_from_name(key.substr(0, key.size() - 2));
      if (!segment) return KeyError{cat("'", printable(key), "' names no segment")};
      filter.segments |= mask_of(*segment);
    } else if (const auto instrument = parse_instrument(key)) {
      filter.instruments.push_back(*instrument);
    } else {
      return KeyError{cat("'", printable(key), "' is not SEGMENT:ID, SEGMENT:* or *")};
    }
  }
  return filter;
}

}  // namespace ltp::serve
