#pragma once

#include "dhan/scrip_master.hpp"
#include "tick/instrument.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ltp::instruments {

/// One thing that was asked for.
struct Entry {
  std::variant<Instrument, dhan::Name> what;
  std::string text;   // beside an instrument: the symbol to show, if any; else the name as written
  std::string where;  // "list:3", or empty for an argument
};

/// What is asked for, as it was written; nothing is looked up here.
///
/// Entries  SEGMENT:ID, then if wanted blanks and the symbol to show for it; or a name,
///          see dhan/scrip_master.hpp, to the end of the line:
///              NSE_EQ:2885  RELIANCE   # a comment
///              BSE:RELIANCE
///          Blank lines and '#' comments are skipped.
/// Errors   StartError(kBadInput) that names the file, the line and what stands there.
class Entries {
 public:
  /// One from the command line.
  void add_argument(std::string_view text);
  /// The lines of a file that is called so.
  void add_lines(std::string_view lines, const std::string& file);

  const std::vector<Entry>& all() const noexcept { return entries_; }
  bool has_names() const noexcept;

 private:
  void add(std::string_view text, std::string where);

  std::vector<Entry> entries_;
};

}  // namespace ltp::instruments
