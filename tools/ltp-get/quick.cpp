#include "quick.hpp"

#include "cli/print.hpp"
#include "redis/once.hpp"
#include "rows.hpp"
#include "tick/keys.hpp"
#include "tick/price_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::get {
namespace {

constexpr std::pair<std::string_view, Style> kStyles[] = {
    {"table", Style::kTable}, {"ndjson", Style::kNdjson}, {"json", Style::kJson},
    {"csv", Style::kCsv},     {"tsv", Style::kTsv},
};

struct Asked {
  std::vector<Row> rows;
  std::optional<Style> style;
  bool price_only = false;
  bool no_broker = false;
};

/// Only what leaves no question; the rest is for the parser of the whole program.
std::optional<Asked> parse(std::span<const char* const> arguments) {
  Asked asked;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view text = arguments[i];
    if (text == "--no-broker" && !asked.no_broker) {
      asked.no_broker = true;
    } else if (text == "--price-only" && !asked.price_only) {
      asked.price_only = true;
    } else if ((text == "-o" || text == "--output") && i + 1 < arguments.size() && !asked.style) {
      const std::string_view name = arguments[++i];
      const auto* found = std::find_if(std::begin(kStyles), std::end(kStyles),
                                       [&](const auto& style) { return style.first == name; });
      if (found == std::end(kStyles)) return std::nullopt;
      asked.style = found->second;
    } else if (const auto instrument = parse_instrument(text)) {
      asked.rows.push_back({std::string(text), *instrument, {}, {}});
    } else {
      return std::nullopt;
    }
  }
  if (asked.rows.empty() || (asked.price_only && asked.style)) return std::nullopt;
  return asked;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// There may be credentials, and so a broker who knows more.
bool may_have_broker() {
  constexpr const char* kNames[] = {"DHANHQ_CLIENT_ID", "CLIENT_ID", "DHAN_CLIENT_ID",
                                    "CREDENTIALS_DIRECTORY"};
  return std::any_of(std::begin(kNames), std::end(kNames), is_set);
}

bool fetch(const redis::Address& address, std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(keys::price_key(row.instrument));
  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), names.begin(), names.end());
  bool good = false;
  const bool answered = redis::ask_once(address, words, [&](const redis::Reply& reply) {
    good = reply.elements.size() == rows.size();
    for (std::size_t i = 0; good && i < rows.size(); ++i)
      if (is_price_text(reply.elements[i].text)) rows[i].ltp = reply.elements[i].text;
  });
  return answered && good;
}

}  // namespace

std::optional<cli::ExitCode> try_quick(std::span<const char* const> arguments) {
  auto asked = parse(arguments);
  if (!asked) return std::nullopt;
  redis::Address address;
  if (is_set("REDIS_URL")) {
    auto parsed = redis::parse_address(std::getenv("REDIS_URL"));
    if (!parsed) return std::nullopt;
    address = std::move(parsed).value();
  }
  if (!fetch(address, asked->rows)) return std::nullopt;
  const bool missing = std::any_of(asked->rows.begin(), asked->rows.end(),
                                   [](const Row& row) { return row.ltp.empty(); });
  if (missing && !asked->no_broker && may_have_broker()) return std::nullopt;

  const auto by_place = ::isatty(STDOUT_FILENO) == 1 ? Style::kTable : Style::kNdjson;
  const auto text =
      text_of(asked->rows, asked->price_only ? Style::kPriceOnly : asked->style.value_or(by_place));
  cli::print(text);
  return missing ? cli::ExitCode::kIncomplete : cli::ExitCode::kOk;
}

}  // namespace ltp::get
