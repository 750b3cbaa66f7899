#include "instruments/resolve.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"

#include <vector>

namespace ltp::instruments {
namespace {

/// "    NSE_EQ:2885  RELIANCE  # EQ, RELIANCE INDUSTRIES LTD"
std::string candidate_line(const dhan::Listing& listing) {
  auto line = cat("\n    ", to_text(listing.instrument), "  ", printable(listing.symbol), "  # ",
                  printable(listing.series));
  if (!listing.name.empty()) line += cat(", ", printable(listing.name));
  return line;
}

/// What is wrong with one name.
std::string complaint(const Entry& entry, const dhan::NoMatch& why, const std::string& file) {
  const auto where = entry.where.empty() ? std::string() : entry.where + ": ";
  const auto name = cat("'", printable(entry.text), "'");
  std::string text;
  if (why.ambiguous)
    text = cat(where, name, " is ambiguous; write one of");
  else if (why.candidates.empty())
    text = cat(where, "nothing like ", name, " is in ", file);
  else
    text = cat(where, name, " is not in ", file, "; similar are");
  for (const auto& candidate : why.candidates) text += candidate_line(candidate);
  return text;
}

/// All bad names in one text, one below the other; the first ones with candidates.
class Complaints {
 public:
  void add(const std::string& text) {
    if (++count_ > dhan::Lookup::kMaxExplained) return;
    text_ += cat(text_.empty() ? "" : "\n", text);
  }
  void raise(Fault fault) const {
    if (count_ == 0) return;
    if (count_ > dhan::Lookup::kMaxExplained)
      throw StartError(
          fault, cat(text_, "\nand ", counted(count_ - dhan::Lookup::kMaxExplained, "more name")));
    throw StartError(fault, text_);
  }

 private:
  std::size_t count_ = 0;
  std::string text_;
};

bool is_derivative(Segment segment) noexcept {
  return segment != Segment::kNseEq && segment != Segment::kBseEq && segment != Segment::kIdxI;
}

}  // namespace

WatchList without_master(const Entries& entries) {
  WatchList list;
  for (const auto& entry : entries.all()) list.add(std::get<Instrument>(entry.what), entry.text);
  return list;
}

WatchList with_master(const Entries& entries, const Master& master) {
  std::vector<dhan::Name> names;
  std::vector<Instrument> ids;
  for (const auto& entry : entries.all())
    if (const auto* name = std::get_if<dhan::Name>(&entry.what))
      names.push_back(*name);
    else
      ids.push_back(std::get<Instrument>(entry.what));

  const auto answer = dhan::look_up(master.csv, names, ids);
  if (!answer) throw StartError(Fault::kBadInput, cat(master.file, " ", answer.error().text));
  const auto& found = answer.value();
  if (found.damaged > 0)
    cli::log::warn(cat(master.file, ": passed over ", counted(found.damaged, "damaged row")));

  WatchList list;
  Complaints complaints;
  Complaints outdated;
  auto name = found.names.begin();
  auto symbol = found.symbols.begin();
  for (const auto& entry : entries.all()) {
    if (const auto* id = std::get_if<Instrument>(&entry.what)) {
      const bool trusted = !master.stale || !is_derivative(id->segment);
      list.add(*id, entry.text.empty() && trusted ? *symbol : entry.text);
      ++symbol;
      continue;
    }
    if (!*name) {
      complaints.add(complaint(entry, name->error(), master.file));
    } else if (const auto& listing = name->value();
               master.stale && is_derivative(listing.instrument.segment)) {
      outdated.add(cat("'", printable(entry.text),
                       "' is a derivative, whose id may be another's by now; write it as "
                       "SEGMENT:ID, or give a file of today with --master"));
    } else {
      list.add(listing.instrument, listing.symbol);
    }
    ++name;
  }
  complaints.raise(Fault::kBadInput);
  outdated.raise(Fault::kUnavailable);
  return list;
}

}  // namespace ltp::instruments
