#include "instruments/watch_list.hpp"

#include <algorithm>

namespace ltp::instruments {

void WatchList::add(Instrument instrument, std::string_view symbol) {
  asked_.push_back(instrument);
  const auto [entry, fresh] = symbols_.try_emplace(instrument, symbol);
  if (fresh) instruments_.push_back(instrument);
  if (entry->second.empty()) entry->second = symbol;
}

std::string_view WatchList::symbol(Instrument instrument) const noexcept {
  const auto found = symbols_.find(instrument);
  return found == symbols_.end() ? std::string_view{} : std::string_view{found->second};
}

std::string to_lines(const WatchList& list) {
  std::string lines;
  for (const auto instrument : list.instruments()) {
    append_instrument(lines, instrument);
    const auto symbol = list.symbol(instrument);
    const bool plain = std::none_of(symbol.begin(), symbol.end(), [](char c) {
      return c == '#' || c == '\x7f' || static_cast<unsigned char>(c) < ' ';
    });
    if (plain && !symbol.empty()) lines.append("  ").append(symbol);
    lines.push_back('\n');
  }
  return lines;
}

}  // namespace ltp::instruments
