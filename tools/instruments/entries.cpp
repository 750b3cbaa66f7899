#include "instruments/entries.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace ltp::instruments {

void Entries::add(std::string_view text, std::string where) {
  const auto key = text.substr(0, text.find_first_of(" \t"));
  if (const auto instrument = parse_instrument(key)) {
    entries_.push_back({*instrument, std::string(trim(text.substr(key.size()))), std::move(where)});
  } else if (auto name = dhan::parse_name(text)) {
    entries_.push_back({*std::move(name), std::string(text), std::move(where)});
  } else {
    throw StartError(Fault::kBadInput,
                     cat(where, where.empty() ? "'" : ": '", printable(text),
                         "' is no instrument; wanted is SEGMENT:ID, such as NSE_EQ:2885, or a "
                         "name, such as RELIANCE or BSE:RELIANCE"));
  }
}

void Entries::add_argument(std::string_view text) {
  add(trim(text), {});
}

void Entries::add_lines(std::string_view lines, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  for (std::size_t number = 1; !lines.empty(); ++number) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    line = trim(line.substr(0, line.find('#')));
    if (!line.empty()) add(line, cat(file, ":", number));
  }
}

bool Entries::has_names() const noexcept {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return std::holds_alternative<dhan::Name>(entry.what);
  });
}

}  // namespace ltp::instruments
