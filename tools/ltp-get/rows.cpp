#include "rows.hpp"

#include "tick/ndjson.hpp"

#include <algorithm>
#include <string>
#include <vector>

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

/// A symbol is what a file says, and would else move columns or a terminal's cursor.
std::string plain(std::string symbol) {
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  std::replace_if(symbol.begin(), symbol.end(), is_control, ' ');
  // U+0080 to U+009F, which terminals obey too.
  for (std::size_t at = 0; (at = symbol.find('\xc2', at)) < symbol.size() - 1; ++at)
    if (static_cast<unsigned char>(symbol[at + 1]) < 0xa0) symbol.replace(at, 2, " ");
  return symbol;
}

/// How many places of a terminal it takes, if each letter takes one.
std::size_t width(std::string_view text) {
  const auto leads = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), leads));
}

std::string tsv(std::span<const Row> rows) {
  std::string out = "instrument_key\tltp\tsymbol\n";
  for (const auto& row : rows) {
    out.append(row.key).append("\t").append(or_none(row.ltp)).append("\t");
    out.append(or_none(plain(row.symbol))).append("\n");
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
  std::vector<std::string> symbols;
  for (const auto& row : rows) {
    key_width = std::max(key_width, row.key.size());
    symbols.push_back(plain(row.symbol));
    symbol_width = std::max(symbol_width, width(symbols.back()));
    price_width = std::max(price_width, row.ltp.size());
  }
  if (symbol_width > 0) symbol_width = std::max(symbol_width, kSymbol.size());
  std::string out;
  const auto add = [&](std::string_view key, std::string_view symbol, std::string_view price) {
    out.append(key).append(key_width - key.size() + 2, ' ');
    if (symbol_width > 0) out.append(symbol).append(symbol_width - width(symbol) + 2, ' ');
    out.append(price_width - price.size(), ' ').append(price).append("\n");
  };
  add(kKey, kSymbol.substr(0, symbol_width), kPrice);
  for (std::size_t i = 0; i < rows.size(); ++i)
    add(rows[i].key, symbol_width > 0 ? or_none(symbols[i]) : "", or_none(rows[i].ltp));
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
