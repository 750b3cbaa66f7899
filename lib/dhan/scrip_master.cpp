#include "dhan/scrip_master.hpp"

#include "base/text.hpp"
#include "dhan/name_table.hpp"
#include "dhan/scrip_near.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace ltp::dhan {
namespace {

/// How good a row is as an answer; the least is the best.
using Rank = unsigned;
constexpr Rank kNever = ~Rank{0};

/// 0: where the name is looked for first; kNever: not at all.
Rank place(const Name& name, const MasterRow& row) noexcept {
  const bool index = row.segment == Segment::kIdxI;
  switch (name.scope) {
    case Scope::kSegment: return row.segment == name.segment ? 0 : kNever;
    case Scope::kExchange:
      if (row.exchange != name.exchange) return kNever;
      break;
    case Scope::kAny:
      if (!index && row.segment != Segment::kNseEq) return kNever;
      break;
  }
  if (index) return 1;
  const bool cash = row.segment == Segment::kNseEq || row.segment == Segment::kBseEq ||
                    row.segment == Segment::kMcxComm;
  return cash ? 0 : kNever;
}

Rank series_rank(const MasterRow& row) noexcept {
  if (row.segment == Segment::kNseEq) return row.series == "EQ" ? 0 : 2;
  if (row.segment == Segment::kBseEq) return row.series == "A" ? 0 : row.series == "B" ? 1 : 2;
  return 0;
}

Rank rank(const Name& name, const MasterRow& row, bool by_symbol) noexcept {
  const auto where = place(name, row);
  if (where == kNever) return kNever;
  Rank rank = where << 1 | (by_symbol ? 0 : 1);
  const bool share = row.segment == Segment::kNseEq || row.segment == Segment::kBseEq;
  rank = rank << 2 | series_rank(row);
  rank = rank << 1 | (share && !row.equity ? 1 : 0);
  return rank << 1 | (share && !row.share ? 1 : 0);
}

/// The best rows so far for one name; a name given twice is one question.
struct Question {
  Name name;
  std::uint32_t next;  // the same symbol in another scope, or NameTable::kNone
  Rank best = kNever;
  std::vector<Listing> answers;  // of rank `best`, each instrument once

  void offer(const MasterRow& row, bool by_symbol) {
    const auto how_good = rank(name, row, by_symbol);
    if (how_good > best || how_good == kNever) return;
    if (how_good < best) {
      best = how_good;
      answers.clear();
    }
    const Instrument instrument{row.segment, row.security_id};
    const bool known = std::any_of(answers.begin(), answers.end(), [&](const Listing& answer) {
      return answer.instrument == instrument;
    });
    if (known || answers.size() == NoMatch::kMaxCandidates) return;
    answers.push_back(to_listing(row));
    if (!by_symbol) answers.back().symbol = row.display;
  }
};

class Questions {
 public:
  explicit Questions(std::span<const Name> names)
      : table_(names.size()), heads_(names.size(), NameTable::kNone) {
    asked_.reserve(names.size());
    questions_.reserve(names.size());
    for (const auto& name : names) asked_.push_back(add(name));
  }

  void offer(const MasterRow& row) {
    offer_to(table_.find(row.symbol), row, true);
    // Display names of shares are no names: "Reliance" is too near to RELIANCE's others.
    const bool share = row.segment == Segment::kNseEq || row.segment == Segment::kBseEq;
    if (!share && !row.display.empty()) offer_to(table_.find(row.display), row, false);
  }

  const std::vector<std::uint32_t>& asked() const { return asked_; }
  Question& at(std::uint32_t number) { return questions_[number]; }

 private:
  std::uint32_t add(const Name& name) {
    auto& head = heads_[table_.add(name.symbol)];
    for (auto i = head; i != NameTable::kNone; i = questions_[i].next) {
      const auto& other = questions_[i].name;
      if (other.scope == name.scope && other.segment == name.segment &&
          other.exchange == name.exchange)
        return i;
    }
    questions_.push_back({name, head, kNever, {}});
    return head = static_cast<std::uint32_t>(questions_.size() - 1);
  }

  void offer_to(std::uint32_t symbol, const MasterRow& row, bool by_symbol) {
    if (symbol == NameTable::kNone) return;
    for (auto i = heads_[symbol]; i != NameTable::kNone; i = questions_[i].next)
      questions_[i].offer(row, by_symbol);
  }

  NameTable table_;
  std::vector<std::uint32_t> heads_;  // by the table's number
  std::vector<Question> questions_;
  std::vector<std::uint32_t> asked_;  // the question of each name
};

/// The unknown names that get candidates, and those candidates, in a second pass.
void explain(std::string_view csv, Lookup& found, std::span<const Name> names) {
  std::vector<Near> unknown;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < names.size() && unknown.size() < Lookup::kMaxExplained; ++i)
    if (!found.names[i] && !found.names[i].error().ambiguous) {
      unknown.emplace_back(names[i]);
      positions.push_back(i);
    }
  if (unknown.empty()) return;
  auto reader = MasterReader::open(csv);
  MasterRow row;
  while (reader.value().next(row))
    for (auto& near : unknown) near.offer(row);
  for (std::size_t i = 0; i < unknown.size(); ++i)
    found.names[positions[i]] = NoMatch{false, unknown[i].take()};
}

}  // namespace

std::optional<Name> parse_name(std::string_view text) {
  text = trim(text);
  Name name;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const auto prefix = trim(text.substr(0, colon));
    text = trim(text.substr(colon + 1));
    if (const auto segment = segment_from_name(prefix)) {
      name.scope = Scope::kSegment;
      name.segment = *segment;
    } else {
      name.scope = Scope::kExchange;
      if (same_folded(prefix, "NSE"))
        name.exchange = Exchange::kNse;
      else if (same_folded(prefix, "BSE"))
        name.exchange = Exchange::kBse;
      else if (same_folded(prefix, "MCX"))
        name.exchange = Exchange::kMcx;
      else
        return std::nullopt;
    }
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  const bool letter = std::any_of(text.begin(), text.end(),
                                  [](char c) { return fold(c) >= 'A' && fold(c) <= 'Z'; });
  if (!letter || control || text.size() > kMaxSymbol) return std::nullopt;
  if (name.scope == Scope::kAny && segment_from_name(text)) return std::nullopt;
  name.symbol = text;
  return name;
}

Result<Lookup, MasterFault> look_up(std::string_view csv, std::span<const Name> names,
                                    std::span<const Instrument> ids) {
  auto reader = MasterReader::open(csv);
  if (!reader) return reader.error();

  Lookup found;
  found.symbols.resize(ids.size());
  std::unordered_map<Instrument, std::string> symbols;
  for (const auto& id : ids) symbols.try_emplace(id);

  Questions questions(names);
  MasterRow row;
  while (reader.value().next(row)) {
    ++found.rows;
    questions.offer(row);
    if (symbols.empty()) continue;
    const auto wanted = symbols.find({row.segment, row.security_id});
    if (wanted != symbols.end() && wanted->second.empty()) wanted->second = row.symbol;
  }
  found.damaged = reader.value().damaged();

  found.names.reserve(names.size());
  for (const auto number : questions.asked()) {
    const auto& answers = questions.at(number).answers;
    if (answers.size() == 1)
      found.names.emplace_back(answers.front());
    else
      found.names.emplace_back(NoMatch{!answers.empty(), answers});
  }
  for (std::size_t i = 0; i < ids.size(); ++i) found.symbols[i] = symbols[ids[i]];
  explain(csv, found, names);
  return found;
}

}  // namespace ltp::dhan
