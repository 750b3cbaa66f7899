#pragma once

#include "base/result.hpp"
#include "tick/instrument.hpp"

#include <cstdint>
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

/// Where a price came from.
enum class Source : std::uint8_t { kNone, kMemory, kCache, kBroker };

/// What is known of one key.
struct Price {
  std::string text;  // empty: none
  Source source = Source::kNone;
  std::optional<std::int64_t> age_ms;  // none: not known
  std::string ltt;                     // the trade's time; empty: not known

  /// No price at all if the text is none: zero, less, not a number.
  static Price of(std::string_view text, Source source);
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

/// The answer, and what of it does not change by itself, for an ETag.
struct Answer {
  std::string body;
  std::string tag;  // with its quotes; the same for the same prices in the same order
};

/// `prices[i]` is that of keys[i]. `detail`: one more member, with age, source and trade
/// time of each price, when asked for.
Answer answer(std::span<const Key> keys, std::span<const Price> prices, std::int64_t now_s,
              bool detail = false);

/// {"error":…,"timestamp":…}
std::string error_answer(std::string_view text, std::int64_t now_s);

}  // namespace ltp::serve::prices_api
