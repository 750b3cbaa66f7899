#pragma once

#include "base/result.hpp"
#include "dhan/endpoint.hpp"
#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// DhanHQ v2 quotes over REST: instruments to a request, an answer to prices.
///
/// Shape   POST {"NSE_EQ":[2885,11536],"IDX_I":[13]}, answered by
///         {"data":{"NSE_EQ":{"2885":{"last_price":1393.4}}},"status":"success"}. Ids that
///         the broker does not know are left out without an error.
/// Limits  kMaxQuoteIds instruments a request; one request a second per client id.
/// Pure    No I/O, no clock. Any bytes may be given as an answer.
/// Source  DhanHQ v2 "Market Quote"; error shapes as clients of others have met them.
namespace ltp::dhan {

inline constexpr std::string_view kLiveRestUrl = "https://api.dhan.co/v2";
inline constexpr std::string_view kQuotePath = "/marketfeed/ltp";
inline constexpr std::string_view kProfilePath = "/profile";
inline constexpr std::size_t kMaxQuoteIds = 1000;

using Headers = std::vector<std::pair<std::string, std::string>>;  // name, value

/// Precondition: at most kMaxQuoteIds, each once.
std::string quote_body(std::span<const Instrument> instruments);
/// For quotes and profile; they hold the token.
Headers rest_headers(const Credentials& credentials);

struct RestQuote {
  Instrument instrument;
  std::string price;  // as is_price_text() takes it

  friend bool operator==(const RestQuote&, const RestQuote&) = default;
};

/// Why there are no quotes, and so what to do.
struct RestFault {
  enum class Kind : std::uint8_t {
    kRateLimit,  // too often: hold back all requests of the account, ever longer
    kRefused,    // token, client id or plan: nothing helps until they change
    kRequest,    // our request is wrong: do not repeat it
    kTrouble,    // theirs, or a gateway's: try later
  };
  Kind kind;
  std::string text;  // for a person: "access token expired (807)", "HTTP status 502"
};

/// In the order of the answer, without ids that have no price above 0. What is no quote
/// inside a good answer is left out.
Result<std::vector<RestQuote>, RestFault> parse_quotes(int status, std::string_view body);

/// What the broker tells of a token; texts as it writes them, "" for what it does not say.
struct Profile {
  std::string client_id;
  std::string token_until;  // "30/03/2026 15:37", Indian time
  std::string data_plan;    // "Active"
};
Result<Profile, RestFault> parse_profile(int status, std::string_view body);

}  // namespace ltp::dhan
