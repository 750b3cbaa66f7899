#pragma once

#include "tick/instrument.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp::instruments {

/// What to subscribe, in the order given, each once, with the names people know.
class WatchList {
 public:
  /// One that is on it already only gets its symbol, if it had none.
  void add(Instrument instrument, std::string_view symbol);

  const std::vector<Instrument>& instruments() const noexcept { return instruments_; }
  /// As often as it was added.
  const std::vector<Instrument>& asked() const noexcept { return asked_; }
  bool contains(Instrument instrument) const noexcept { return symbols_.contains(instrument); }
  /// Empty if none is known. The view lives as long as the list.
  std::string_view symbol(Instrument instrument) const noexcept;

 private:
  std::vector<Instrument> instruments_;
  std::vector<Instrument> asked_;
  std::unordered_map<Instrument, std::string> symbols_;  // each instrument has an entry
};

/// One instrument a line, as a file of them is read: "NSE_EQ:2885  RELIANCE\n". A symbol
/// that a file could not hold, with '#' or control characters, is left out.
std::string to_lines(const WatchList& list);

}  // namespace ltp::instruments
