#pragma once

#include "tick/instrument.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::get {

/// One key that was asked for, and its answer.
struct Row {
  std::string key;  // as asked
  Instrument instrument;
  std::string ltp;  // as it lies in Redis; empty: none, or what lies there is no price
};

/// Throws StartError(kBadInput) that names the first text that is no key.
std::vector<Row> parse_keys(std::span<const std::string> keys);

/// {"instrument_key":"NSE_EQ:2885","ltp":1393.4} and a newline for each, null for none.
std::string ndjson(std::span<const Row> rows);
/// Aligned for a person; "-" for none.
std::string table(std::span<const Row> rows);

}  // namespace ltp::get
