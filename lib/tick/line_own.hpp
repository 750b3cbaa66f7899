#pragma once

#include "tick/line.hpp"

#include <optional>
#include <string_view>

/// Inside lib/tick only.
namespace ltp::line {

/// Reads a line of just the shape that ndjson::append_tick writes: its fields in its order,
/// no blanks, no escapes, nothing but ASCII. That is nearly every line there is, and takes a
/// fraction of the time of a parser that must be ready for everything.
///
/// None    Anything else, valid or not: ask the parser. It is never the other way round:
///         what is read here, all of it, is JSON, and the parser would say the same.
/// Numbers At most 18 digits before and behind the point, no sign, no exponent; a price
///         below 1 must show a digit that is not 0.
/// Bytes   kPadding of them behind the line are readable.
std::optional<TickLine> read_own(std::string_view line) noexcept;

}  // namespace ltp::line
