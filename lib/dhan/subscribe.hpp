#pragma once

#include "base/result.hpp"
#include "tick/instrument.hpp"
#include "tick/tick.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The JSON requests of the feed, both sides of them: ltp-feed writes what ltp-sim reads.
namespace ltp::dhan {

inline constexpr std::size_t kMaxPerMessage = 100;
inline constexpr std::size_t kMaxPerConnection = 5000;
inline constexpr std::size_t kMaxConnections = 5;

enum class Action { kSubscribe, kUnsubscribe, kDisconnect };

struct Request {
  Action action = Action::kSubscribe;
  TickKind mode = TickKind::kTicker;  // no meaning for kDisconnect
  std::vector<Instrument> instruments;
};

/// One message; precondition: at most kMaxPerMessage instruments.
std::string request_text(Action action, TickKind mode, std::span<const Instrument> instruments);

/// All the messages that subscribe (or unsubscribe) these, kMaxPerMessage each.
std::vector<std::string> request_texts(Action action, TickKind mode,
                                       std::span<const Instrument> instruments);

/// Why a request is none: "not a JSON object", "RequestCode 19 is not in use",
/// "InstrumentCount is 3, the list has 2", "more than 100 instruments in a message",
/// "entry 2: 'NSE_XX:7' is no instrument". Safe to print; holds no line break.
struct RequestError {
  std::string text;
};

/// Strict, as a client should be tested: SecurityId is a string of digits and never a
/// number, ExchangeSegment stands in capitals, and one bad entry refuses the whole request.
Result<Request, RequestError> parse_request(std::string_view json);

}  // namespace ltp::dhan
