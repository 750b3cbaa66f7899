#pragma once

#include "base/result.hpp"
#include "hub.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// The most keys that one request or subscription may name: the broker's own limit.
inline constexpr std::size_t kMaxKeys = 1000;

/// "a,b, c" to its parts, trimmed, empty ones left out, in order.
std::vector<std::string> split_keys(std::string_view text);

/// Which text is no key and why: "'FOO:1' is not SEGMENT:ID, SEGMENT:* or *".
struct KeyError {
  std::string text;
};

/// "NSE_EQ:2885", "NSE_EQ:*", "*", at most so many of them. At least one is needed.
Result<Filter, KeyError> parse_filter(std::span<const std::string> keys,
                                      std::size_t most = kMaxKeys);

}  // namespace ltp::serve
