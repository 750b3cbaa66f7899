#include "dhan/master_reader.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

namespace ltp::dhan {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// The fields of a line, blanks and quotes still on; none beyond fields.size() is looked
/// for. Returns how many there are, or 0 if a quote stays open.
std::size_t split(std::string_view line, std::span<std::string_view> fields) noexcept {
  std::size_t count = 0;
  while (count < fields.size()) {
    auto end = line.find(',');
    if (line.starts_with('"')) {
      // An even number of quotes in a row stands for themselves; an odd one closes.
      std::size_t at = 1;
      for (;;) {
        at = line.find('"', at);
        if (at == std::string_view::npos) return 0;
        if (at + 1 >= line.size() || line[at + 1] != '"') break;
        at += 2;
      }
      end = line.find(',', at);
    }
    fields[count++] = line.substr(0, end);
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return count;
}

// Not base's trim(): most fields have no blank, and there are three million of them.
std::string_view without_blanks(std::string_view text) noexcept {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// What a field says; `scratch` keeps it where doubled quotes had to be undone.
std::string_view field_text(std::string_view field, std::string& scratch) {
  field = without_blanks(field);
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return field;
  field = field.substr(1, field.size() - 2);
  if (field.find('"') == std::string_view::npos) return without_blanks(field);
  scratch.clear();
  for (std::size_t i = 0; i < field.size(); ++i) {
    scratch.push_back(field[i]);
    if (field[i] == '"' && i + 1 < field.size() && field[i + 1] == '"') ++i;
  }
  return without_blanks(scratch);
}

/// 2885 or 2885.0, above 0 and within 32 bits; 0 for all else.
std::uint32_t read_id(std::string_view text) noexcept {
  std::uint32_t id = 0;
  const auto last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, id);
  if (error != std::errc{}) return 0;
  if (end != last && *end == '.')
    end = std::find_if(end + 1, last, [](char c) { return c != '0'; });
  return end == last ? id : 0;
}

std::optional<Exchange> read_exchange(std::string_view text) noexcept {
  if (text == "NSE") return Exchange::kNse;
  if (text == "BSE") return Exchange::kBse;
  if (text == "MCX") return Exchange::kMcx;
  return std::nullopt;
}

std::optional<Segment> read_segment(Exchange exchange, std::string_view text) noexcept {
  if (text.size() != 1) return std::nullopt;
  const bool nse = exchange == Exchange::kNse;
  if (exchange == Exchange::kMcx) {
    if (text == "M" || text == "D") return Segment::kMcxComm;
    return std::nullopt;
  }
  switch (text.front()) {
    case 'I': return Segment::kIdxI;
    case 'E': return nse ? Segment::kNseEq : Segment::kBseEq;
    case 'D': return nse ? Segment::kNseFno : Segment::kBseFno;
    case 'C': return nse ? Segment::kNseCurrency : Segment::kBseCurrency;
    default: return std::nullopt;  // M: commodities at NSE, which the feed does not carry
  }
}

bool is_share_segment(Segment segment) noexcept {
  return segment == Segment::kNseEq || segment == Segment::kBseEq;
}

/// The line up to its end, which is taken off `rest` too.
std::string_view take_line(std::string_view& rest) noexcept {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

}  // namespace

Result<MasterReader, MasterFault> MasterReader::open(std::string_view csv) {
  if (csv.starts_with(kByteOrderMark)) csv.remove_prefix(kByteOrderMark.size());
  std::array<std::string_view, kMaxColumns> names;
  const auto count = split(take_line(csv), names);

  std::string scratch;
  std::string missing;
  std::size_t last = 0;
  const auto find = [&](std::string_view name) {
    for (std::size_t i = 0; i < count; ++i)
      if (field_text(names[i], scratch) == name) {
        last = std::max(last, i);
        return i;
      }
    missing += cat(missing.empty() ? "" : ", ", name);
    return std::size_t{0};
  };
  const auto has = [&](std::string_view name) {
    return std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](auto field) { return field_text(field, scratch) == name; });
  };

  Columns columns{};
  if (has("SEM_SMST_SECURITY_ID")) {
    columns = {.exchange = find("SEM_EXM_EXCH_ID"),
               .segment = find("SEM_SEGMENT"),
               .id = find("SEM_SMST_SECURITY_ID"),
               .instrument = find("SEM_INSTRUMENT_NAME"),
               .type = find("SEM_EXCH_INSTRUMENT_TYPE"),
               .series = find("SEM_SERIES"),
               .symbol = find("SEM_TRADING_SYMBOL"),
               .display = find("SEM_CUSTOM_SYMBOL"),
               .name = find("SM_SYMBOL_NAME")};
    columns.share_symbol = columns.symbol;
  } else if (has("SECURITY_ID")) {
    columns = {.exchange = find("EXCH_ID"),
               .segment = find("SEGMENT"),
               .id = find("SECURITY_ID"),
               .instrument = find("INSTRUMENT"),
               .type = find("INSTRUMENT_TYPE"),
               .series = find("SERIES"),
               .symbol = find("SYMBOL_NAME"),
               .share_symbol = find("UNDERLYING_SYMBOL"),
               .display = find("DISPLAY_NAME")};
    columns.name = columns.symbol;
  } else {
    return MasterFault{
        "is no instrument master: its first line names no column SEM_SMST_SECURITY_ID or "
        "SECURITY_ID"};
  }
  if (!missing.empty()) return MasterFault{cat("has no column ", missing)};
  columns.count = last + 1;
  return MasterReader(csv, columns);
}

bool MasterReader::next(MasterRow& row) {
  while (!rest_.empty()) {
    const auto line = without_blanks(take_line(rest_));
    if (line.empty()) continue;
    switch (read(line, row)) {
      case Outcome::kRow: return true;
      case Outcome::kPassed: break;
      case Outcome::kDamaged: ++damaged_; break;
    }
  }
  return false;
}

std::string_view MasterReader::text(std::size_t column, std::string& scratch) const {
  return field_text(fields_[column], scratch);
}

MasterReader::Outcome MasterReader::read(std::string_view line, MasterRow& row) {
  const auto& at = columns_;
  if (split(line, std::span(fields_).first(at.count)) < at.count) return Outcome::kDamaged;

  auto& spare = scratch_[0];
  const auto exchange = read_exchange(text(at.exchange, spare));
  if (!exchange) return Outcome::kPassed;
  const auto segment = read_segment(*exchange, text(at.segment, spare));
  if (!segment) return Outcome::kPassed;
  const bool share = is_share_segment(*segment);

  row.exchange = *exchange;
  row.segment = *segment;
  row.security_id = read_id(text(at.id, spare));
  row.equity = text(at.instrument, spare) == "EQUITY";
  row.share = text(at.type, spare) == "ES";
  row.symbol = text(share ? at.share_symbol : at.symbol, scratch_[0]);
  row.display = text(at.display, scratch_[1]);
  row.series = text(at.series, scratch_[2]);
  row.name = share ? text(at.name, scratch_[3]) : row.display;
  const bool sound = row.security_id != 0 && !row.symbol.empty() && row.symbol.size() <= kMaxSymbol;
  return sound ? Outcome::kRow : Outcome::kDamaged;
}

}  // namespace ltp::dhan
