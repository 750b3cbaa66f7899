#include "rows.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>

namespace ltp::get {

std::vector<Row> parse_keys(std::span<const std::string> keys) {
  std::vector<Row> rows;
  for (const auto& key : keys) {
    const auto instrument = parse_instrument(key);
    if (!instrument)
      throw StartError(Fault::kBadInput, cat("'", printable(key),
                                             "' is no instrument; wanted is SEGMENT:ID, such as "
                                             "NSE_EQ:2885 or IDX_I:13"));
    rows.push_back({key, *instrument, {}});
  }
  return rows;
}

std::string ndjson(std::span<const Row> rows) {
  std::string out;
  for (const auto& row : rows) {
    out.append(R"({"instrument_key":)");
    ndjson::append_string(out, row.key);
    out.append(R"(,"ltp":)").append(row.ltp.empty() ? "null" : row.ltp).append("}\n");
  }
  return out;
}

std::string table(std::span<const Row> rows) {
  constexpr std::string_view kKey = "INSTRUMENT";
  constexpr std::string_view kPrice = "LTP";
  const auto shown = [](const Row& row) { return row.ltp.empty() ? std::string("-") : row.ltp; };
  std::size_t key_width = kKey.size();
  std::size_t price_width = kPrice.size();
  for (const auto& row : rows) {
    key_width = std::max(key_width, row.key.size());
    price_width = std::max(price_width, shown(row).size());
  }
  std::string out;
  const auto add = [&](std::string_view key, std::string_view price) {
    out.append(key).append(key_width - key.size() + 2, ' ');
    out.append(price_width - price.size(), ' ').append(price).append("\n");
  };
  add(kKey, kPrice);
  for (const auto& row : rows) add(row.key, shown(row));
  return out;
}

}  // namespace ltp::get
