#pragma once

#include "tick/instrument.hpp"

#include <cstdint>
#include <istream>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::sim {

/// Prices to be played, per instrument in file order.
///
/// Bars    {"symbol":"YESBANK","open":"92.1","high":…,"low":…,"close":…,"volume":120}: four
///         trades each, open, then high and low in the order of the shorter way, then
///         close. The prices are real, the moments inside the minute are not.
/// Ticks   {"instrument_key":"NSE_EQ:2885","ltp":2847.35}: one trade each. Lines of
///         another "type", such as feed_status, are passed over.
/// Numbers Prices may be texts or numbers; they become the nearest binary32.
struct Trade {
  float price;
  std::uint32_t quantity;
};
using Recording = std::unordered_map<Instrument, std::vector<Trade>>;

/// Throws StartError(kBadInput) with file and line number for a line that is neither,
/// and for a symbol that the catalogue does not have.
Recording read_recording(std::istream& lines, const std::string& file);

/// Throws StartError(kNoInput) if the file cannot be opened.
Recording read_recording_file(const std::string& path);

}  // namespace ltp::sim
