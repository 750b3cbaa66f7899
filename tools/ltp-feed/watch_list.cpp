#include "watch_list.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace ltp::feed {
namespace {

constexpr std::string_view kWanted = "; wanted is SEGMENT:ID, such as NSE_EQ:2885 or IDX_I:13";

}  // namespace

void WatchList::add(Instrument instrument, std::string_view symbol) {
  const auto [entry, fresh] = symbols_.try_emplace(instrument, symbol);
  if (fresh) instruments_.push_back(instrument);
  if (entry->second.empty()) entry->second = symbol;
}

void WatchList::add_argument(std::string_view text) {
  const auto instrument = parse_instrument(text);
  if (!instrument)
    throw StartError(Fault::kBadInput, cat("'", printable(text), "' is no instrument", kWanted));
  add(*instrument, {});
}

void WatchList::add_lines(std::istream& lines, const std::string& file) {
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::string_view rest = line;
    if (number == 1 && rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);  // a BOM
    rest = trim(rest.substr(0, rest.find('#')));
    if (rest.empty()) continue;
    const auto key = rest.substr(0, rest.find_first_of(" \t"));
    const auto instrument = parse_instrument(key);
    if (!instrument)
      throw StartError(Fault::kBadInput, cat(file, ":", number, ": '", printable(key),
                                             "' is no instrument", kWanted));
    add(*instrument, trim(rest.substr(key.size())));
  }
  if (lines.bad()) throw StartError(Fault::kIo, cat("cannot read ", file, " to its end"));
}

void WatchList::add_file(const std::string& path) {
  if (path == "-") return add_lines(std::cin, "standard input");
  std::ifstream file(path);
  if (!file)
    throw StartError(Fault::kNoInput, cat("cannot open ", path, " (", std::strerror(errno), ")"));
  add_lines(file, path);
}

std::string_view WatchList::symbol(Instrument instrument) const noexcept {
  const auto found = symbols_.find(instrument);
  return found == symbols_.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace ltp::feed
