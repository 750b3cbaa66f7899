#pragma once

#include "tick/line.hpp"
#include "tick/tick.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The tick line: the one JSON text per tick that every pipe, the Redis channel and
/// every browser message carry. Made here once, read here, encoded nowhere else.
///
/// Shape   ltp-tick(5) lists the fields. One object, no blanks, no newline inside.
/// Source  The contract of the Rails application that ltp-serve replaces.
namespace ltp::ndjson {

/// Appends a price as the exchange wrote it: the shortest decimal that reads back as
/// the same binary32, without exponent. 2847.35, 83.2475, 0.05, 100000.
/// Precondition: finite. Minus zero is written as 0.
void append_price(std::string& out, float price);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

/// Appends the line of `tick` with its newline.
void append_tick(std::string& out, const Tick& tick);

/// Appends a recorded line as a replay says it: its source is "replay" and its recv_us is
/// `now_us`, both where they stood; a tick that named no source gets one at its end. All
/// else stays byte for byte.
void append_replayed(std::string& out, std::string_view line, const line::RecordedLine& recorded,
                     std::int64_t now_us);

/// A feed's word about itself, on the same pipe as its ticks.
struct FeedStatus {
  std::string_view state;         // "connected", "partial", "mute"…; ltp-tick(5) has all
  std::string_view reason;        // empty: none
  std::optional<int> code;        // the broker's disconnect code
  std::optional<Segment> market;  // set: the broker sent a market status packet
  Source source;
  std::uint64_t subscriptions;  // asked for on connections that are up
  std::uint64_t instruments;    // wanted
  std::uint64_t connections;    // up
  std::uint64_t connections_wanted;
  std::uint64_t reconnects;
  std::optional<std::int64_t> last_frame_age_ms;  // of the most silent connection
  std::optional<std::int64_t> last_tick_age_ms;   // of any instrument
  std::int64_t now_us;
};
/// Appends {"type":"feed_status",…} with its newline.
void append_status(std::string& out, const FeedStatus& status);

/// A time in which ticks may have been lost.
struct Gap {
  std::int64_t from_us, to_us;  // UTC
  std::string_view reason;
  Source source;
  std::uint64_t instruments;  // how many may have missed something
};
/// Appends {"type":"gap",…} with its newline.
void append_gap(std::string& out, const Gap& gap);

}  // namespace ltp::ndjson
