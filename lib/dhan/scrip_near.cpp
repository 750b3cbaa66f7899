#include "dhan/scrip_near.hpp"

#include "dhan/name_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ltp::dhan {
namespace {

constexpr unsigned kFar = ~0u;
constexpr std::size_t kLeastOpening = 2;  // letters; fewer open too many symbols

bool opens(std::string_view text, std::string_view opening) noexcept {
  return opening.size() >= kLeastOpening && text.size() > opening.size() &&
         same_folded(text.substr(0, opening.size()), opening);
}

bool looked_for_there(const Name& name, const MasterRow& row) noexcept {
  switch (name.scope) {
    case Scope::kSegment: return row.segment == name.segment;
    case Scope::kExchange: return row.exchange == name.exchange;
    case Scope::kAny: return row.segment == Segment::kNseEq || row.segment == Segment::kIdxI;
  }
  return false;
}

}  // namespace

Listing to_listing(const MasterRow& row) {
  return {{row.segment, row.security_id},
          std::string(row.symbol),
          std::string(row.series),
          std::string(row.name)};
}

bool one_slip_apart(std::string_view a, std::string_view b) noexcept {
  if (a.size() > b.size() + 1 || b.size() > a.size() + 1) return false;
  const auto same = [](char x, char y) { return fold(x) == fold(y); };
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same);
  a.remove_prefix(static_cast<std::size_t>(differ.first - a.begin()));
  b.remove_prefix(static_cast<std::size_t>(differ.second - b.begin()));
  while (!a.empty() && !b.empty() && same(a.back(), b.back())) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.size() <= 1 && b.size() <= 1) return a.size() + b.size() > 0;
  return a.size() == 2 && b.size() == 2 && same(a[0], b[1]) && same(a[1], b[0]);
}

unsigned Near::rank(const MasterRow& row) const noexcept {
  const std::string_view wanted = name_.symbol;
  const bool elsewhere = same_folded(row.symbol, wanted);
  const unsigned where = looked_for_there(name_, row) ? 0 : 3;
  if (elsewhere) return 0;
  if (wanted.size() >= 3 && one_slip_apart(row.symbol, wanted)) return 1 + where;
  if (opens(row.symbol, wanted) || opens(wanted, row.symbol)) return 2 + where;
  if (opens(row.name, wanted)) return 3 + where;
  return kFar;
}

bool Near::Candidate::operator<(const Candidate& other) const noexcept {
  const auto key = [](const Candidate& c) {
    return std::tuple(c.rank, c.listing.symbol.size(), std::string_view(c.listing.symbol),
                      c.listing.instrument);
  };
  return key(*this) < key(other);
}

void Near::offer(const MasterRow& row) {
  const auto how_far = rank(row);
  const bool full = best_.size() == NoMatch::kMaxCandidates;
  if (how_far == kFar || (full && how_far > best_.back().rank)) return;
  Candidate candidate{how_far, to_listing(row)};
  const auto place = std::lower_bound(best_.begin(), best_.end(), candidate);
  if (place != best_.end() && place->listing.instrument == candidate.listing.instrument) return;
  best_.insert(place, std::move(candidate));
  if (best_.size() > NoMatch::kMaxCandidates) best_.pop_back();
}

std::vector<Listing> Near::take() {
  std::vector<Listing> listings;
  for (auto& candidate : best_) listings.push_back(std::move(candidate.listing));
  return listings;
}

}  // namespace ltp::dhan
