#pragma once

#include "tick/instrument.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

/// Reading the lines that ltp-feed, or anybody else on the channel, wrote.
///
/// Hostile  Lines come from pipes and Redis. Whatever they hold, the answer is a Line.
/// Whole    A line counts as JSON only if all of it is: what passes here can be put
///          inside a frame without breaking a browser's parser.
/// Twice    Of a field that stands twice the last counts, as in JSON.parse.
namespace ltp::line {

/// A price of one instrument. The views point into the line that was read.
struct TickLine {
  Instrument instrument;
  std::string_view ltp;  // as it stands in the line: "1393.4", "100000"
  std::optional<std::int64_t> recv_us;
};
/// ltp-feed's word about itself.
struct StatusLine {
  bool connected;
  std::string_view state;   // valid until the next read()
  std::string_view reason;  // likewise; empty: none
};
/// A JSON object of another type, or a tick without a usable key or price: pass it on.
struct OtherLine {
  bool broken_tick = false;  // the latter
};
/// Not a JSON object.
struct Junk {};

using Line = std::variant<TickLine, StatusLine, OtherLine, Junk>;

/// A line that is to be played again, and where in it the two values stand that a replay
/// says anew. The views point into the line; empty: it has no such value.
struct RecordedLine {
  std::optional<Instrument> instrument;  // of a tick
  std::optional<std::int64_t> recv_us;
  std::string_view recv_us_text;
  std::string_view source_text;  // with its quotes
};

/// Bytes that must be readable (not meaningful) behind a line given to read_in_place().
inline constexpr std::size_t kPadding = 64;

/// Not thread-safe: keeps its scratch memory between lines.
class Reader {
 public:
  Reader();
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  /// `line` with or without its newline or CR LF.
  Line read(std::string_view line);

  /// The same without a copy: kPadding bytes behind the line are readable.
  Line read_in_place(std::string_view line);

  /// What read_in_place does with a line that ltp-feed did not write: slower, and of every
  /// line the same answer.
  Line parse_in_place(std::string_view line);

  /// As read_in_place(); none for what is no JSON object.
  std::optional<RecordedLine> read_recorded(std::string_view line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ltp::line
