#pragma once

#include "base/result.hpp"
#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What the simulator can be told to do wrong: one language for --fault and for
/// POST /control/. ltp-sim(1) says what each word does.
///
/// Shape   "refuse?status=429&times=3": a word, and parameters as in a URL's query.
/// Strict  An unknown word or parameter, a missing one and a number out of range are
///         errors: a test that misspells its fault must not pass.
namespace ltp::sim {

enum class Malformed {
  kTruncated,
  kLength,
  kCode,
  kSegment,
  kNan,
  kInfinite,
  kZero,
  kNegative,
  kEmpty,
  kText,
  kGarbage,
  kFrame
};

/// What a quote answered over REST becomes.
enum class BadQuote { kNone, kHtml, kTruncated, kZero, kMissing, kRedirect };

namespace command {
struct Mute {
  std::optional<Instrument> key;  // none: all
};
struct HalfOpen {
  bool new_too = false;
};
struct Cut {
  std::size_t after = 0;          // bytes
  std::optional<unsigned> times;  // none: those that are open; else the next ones
  bool reset = false;
};
struct Disconnect {
  std::uint16_t code = 0;
};
struct Refuse {
  int status = 0;
  std::optional<unsigned> times;  // none: until heal
  std::string text;
};
struct Expire {};
struct Inject {
  Malformed kind;
};
struct Batch {
  std::size_t packets = 0;
};
struct Drip {
  std::size_t bytes = 0;
  std::int64_t ms = 0;
};
struct Oversize {
  std::size_t bytes = 0;
};
struct Stall {
  std::optional<std::int64_t> ms;  // none: until heal
};
struct Clock {
  std::int64_t offset_s = 0;
};
struct Rate {
  double hz = 0;
};
struct Burst {
  std::size_t trades = 0;
};
struct Quotes {
  BadQuote kind = BadQuote::kNone;
  int status = 0;                 // of the answer; 0: as it would be
  std::int64_t late_ms = 0;       // it comes so much later
  std::string to;                 // of kRedirect
  std::optional<unsigned> times;  // none: until heal
};
struct Freeze {};
struct Heal {};
}  // namespace command

using Command = std::variant<command::Mute, command::HalfOpen, command::Cut, command::Disconnect,
                             command::Refuse, command::Expire, command::Inject, command::Batch,
                             command::Drip, command::Oversize, command::Stall, command::Clock,
                             command::Rate, command::Burst, command::Quotes, command::Freeze,
                             command::Heal>;

struct CommandError {
  std::string text;      // "refuse: status is 100 to 599, not 'abc'"; safe to print
  bool unknown = false;  // there is no such word at all
};

Result<Command, CommandError> parse_command(std::string_view text);

/// The rate that --rate and "rate" allow.
inline constexpr double kLeastRate_hz = 0.001;
inline constexpr double kMostRate_hz = 100'000;

}  // namespace ltp::sim
