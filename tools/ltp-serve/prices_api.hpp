#pragma once

#include "base/result.hpp"
#include "tick/instrument.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// GET and POST /api/v1/current_prices: request to keys, prices to answer.
/// Pure     No socket, no Redis: whoever calls fetches the prices in between.
/// Source   The contract of the Rails application that ltp-serve replaces.
namespace ltp::serve::prices_api {

struct Key {
  std::string text;                      // as sent, trimmed: its name in the answer
  std::optional<Instrument> instrument;  // none: not a key, answered with null
};

/// Why there is no answer; `text` is the contract's own where it has one.
struct BadRequest {
  std::string text;
};

/// Keys from the body if it has some (JSON array or text), else from the query; each
/// once, in order of request, at most kMaxKeys.
Result<std::vector<Key>, BadRequest> parse_request(std::string_view method, std::string_view query,
                                                   std::string_view content_type,
                                                   std::string_view body);

/// `prices[i]` is the price of keys[i] as text, or empty for null; what is no price
/// (zero, less, not a number) becomes null.
std::string answer(std::span<const Key> keys, std::span<const std::string> prices,
                   std::int64_t now_s);

/// {"error":…,"timestamp":…}
std::string error_answer(std::string_view text, std::int64_t now_s);

}  // namespace ltp::serve::prices_api
