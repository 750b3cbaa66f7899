#pragma once

#include "base/result.hpp"
#include "filter.hpp"
#include "key_list.hpp"
#include "limits.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The words of /ws and of /api/v1/stream: JSON of our own, see ltp-serve(1).
namespace ltp::serve::plain {

/// What a client wants from now on. The parts apply in this order.
struct Ask {
  Filter subscribe;
  Filter unsubscribe;
  std::optional<double> max_hz;
  bool batched = false;  // many lines in a message; only an URL asks for it
};

/// {"subscribe":["NSE_EQ:2885","IDX_I:*"],"unsubscribe":[…],"max_hz":5}, any of them; or
/// what is wrong with it: "'FOO:1' is not SEGMENT:ID, SEGMENT:* or *".
Result<Ask, KeyError> parse_message(std::string_view message, const Limits& limits);

/// "keys=NSE_EQ:2885,IDX_I:*&max_hz=5&batch=1" of an URL. None of them is needed.
Result<Ask, KeyError> parse_query(std::string_view query, const Limits& limits);

/// {"type":"error","message":"…"}
std::string error_line(std::string_view message);

}  // namespace ltp::serve::plain
