#include "rows.hpp"

#include "tick/ndjson.hpp"

#include <algorithm>

namespace ltp::get {
namespace {

constexpr std::string_view kNone = "-";

void append_object(std::string& out, const Row& row) {
  out.append(R"({"instrument_key":)");
  ndjson::append_string(out, row.key);
  if (!row.symbol.empty()) {
    out.append(R"(,"symbol":)");
    ndjson::append_string(out, row.symbol);
  }
  out.append(R"(,"ltp":)").append(row.ltp.empty() ? "null" : row.ltp).append("}");
}

std::string json(std::span<const Row> rows) {
  std::string out = "[";
  for (const auto& row : rows) {
    if (out.size() > 1) out.append(",\n ");
    append_object(out, row);
  }
  return out.append("]\n");
}

/// A field of CSV: in quotes where it has to be (RFC 4180).
void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  out.push_back('"');
}

std::string csv(std::span<const Row> rows) {
  std::string out = "instrument_key,ltp,symbol\n";
  for (const auto& row : rows) {
    append_field(out, row.key);
    out.append(",").append(row.ltp).append(",");
    append_field(out, row.symbol);
    out.push_back('\n');
  }
  return out;
}

std::string_view or_none(std::string_view text) {
  return text.empty() ? kNone : text;
}

/// Keys have no tab, and a symbol's becomes a blank.
std::string tsv(std::span<const Row> rows) {
  std::string out = "instrument_key\tltp\tsymbol\n";
  for (const auto& row : rows) {
    out.append(row.key).append("\t").append(or_none(row.ltp)).append("\t");
    const auto start = static_cast<std::ptrdiff_t>(out.size());
    out.append(or_none(row.symbol));
    std::replace(out.begin() + start, out.end(), '\t', ' ');
    out.push_back('\n');
  }
  return out;
}

std::string table(std::span<const Row> rows) {
  constexpr std::string_view kKey = "INSTRUMENT";
  constexpr std::string_view kSymbol = "SYMBOL";
  constexpr std::string_view kPrice = "LTP";
  std::size_t key_width = kKey.size();
  std::size_t symbol_width = 0;
  std::size_t price_width = kPrice.size();
  for (const auto& row : rows) {
    key_width = std::max(key_width, row.key.size());
    symbol_width = std::max(symbol_width, row.symbol.size());
    price_width = std::max(price_width, row.ltp.size());
  }
  if (symbol_width > 0) symbol_width = std::max(symbol_width, kSymbol.size());
  std::string out;
  const auto add = [&](std::string_view key, std::string_view symbol, std::string_view price) {
    out.append(key).append(key_width - key.size() + 2, ' ');
    if (symbol_width > 0) out.append(symbol).append(symbol_width - symbol.size() + 2, ' ');
    out.append(price_width - price.size(), ' ').append(price).append("\n");
  };
  add(kKey, kSymbol.substr(0, symbol_width), kPrice);
  for (const auto& row : rows)
    add(row.key, symbol_width > 0 ? or_none(row.symbol) : "", or_none(row.ltp));
  return out;
}

}  // namespace

std::string text_of(std::span<const Row> rows, Style style) {
  std::string out;
  switch (style) {
    case Style::kTable: return table(rows);
    case Style::kJson: return json(rows);
    case Style::kCsv: return csv(rows);
    case Style::kTsv: return tsv(rows);
    case Style::kNdjson:
      for (const auto& row : rows) {
        append_object(out, row);
        out.push_back('\n');
      }
      break;
    case Style::kPriceOnly:
      for (const auto& row : rows) out.append(row.ltp).append("\n");
      break;
  }
  return out;
}

}  // namespace ltp::get
