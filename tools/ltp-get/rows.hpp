#pragma once

#include "tick/instrument.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::get {

/// One key that was asked for, and its answer.
struct Row {
  std::string key;  // as asked
  Instrument instrument;
  std::string symbol;  // empty: none is known
  std::string ltp;     // empty: none
};

enum class Style : std::uint8_t { kTable, kNdjson, kJson, kCsv, kTsv, kPriceOnly };

/// The rows as text.
///
/// ndjson  {"instrument_key":"NSE_EQ:2885","symbol":"RELIANCE","ltp":1393.4} a line; the
///         symbol only if one is known, null for no price. json: a list of these.
/// csv     a line of names, then key, price and symbol; empty for none. tsv: the same with
///         tabs and "-" for none, so that `column -t` keeps its columns.
/// table   aligned for a person, "-" for none; symbols only if there are some.
/// price   a line for each, empty for none.
std::string text_of(std::span<const Row> rows, Style style);

}  // namespace ltp::get
