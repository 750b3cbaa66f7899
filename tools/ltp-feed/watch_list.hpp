#pragma once

#include "tick/instrument.hpp"

#include <istream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp::feed {

/// What to subscribe, in the order given, each once, with the names people know.
///
/// Lines   SEGMENT:ID, then if wanted blanks and the symbol to show for it:
///             NSE_EQ:2885  RELIANCE   # a comment
///         Blank lines and '#' comments are skipped.
/// Errors  StartError(kBadInput) that names the file, the line and what stands there.
class WatchList {
 public:
  /// One instrument from the command line.
  void add_argument(std::string_view text);
  void add_lines(std::istream& lines, const std::string& file);
  /// A file by name; "-" is standard input.
  void add_file(const std::string& path);

  const std::vector<Instrument>& instruments() const noexcept { return instruments_; }
  bool contains(Instrument instrument) const noexcept { return symbols_.contains(instrument); }
  /// Empty if no name was given. The view lives as long as the list.
  std::string_view symbol(Instrument instrument) const noexcept;

 private:
  void add(Instrument instrument, std::string_view symbol);

  std::vector<Instrument> instruments_;
  std::unordered_map<Instrument, std::string> symbols_;  // each instrument has an entry
};

}  // namespace ltp::feed
