#include "search.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "tick/ndjson.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <tuple>
#include <vector>

namespace ltp::serve::search {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

/// The name in a tick line; empty if it has none. Tens of thousands of lines are looked
/// at for one answer, so only names with escapes are parsed.
std::string symbol_of(std::string_view line) {
  constexpr std::string_view kMember = R"("symbol":")";
  const auto at = line.find(kMember);
  if (at == std::string_view::npos) return {};
  auto text = line.substr(at + kMember.size());
  text = text.substr(0, text.find('"'));
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  const auto json = parse_json(line);
  const auto found = json.is_object() ? json.find("symbol") : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

struct Found {
  bool inside;  // not at the beginning
  std::string symbol;
  std::string key;
};

}  // namespace

std::string answer(const Hub& hub, std::string_view text, std::size_t limit) {
  const auto wanted = upper(trim(text.substr(0, kLongestText)));
  std::vector<Found> found;
  if (!wanted.empty())
    hub.each([&](Instrument instrument, std::string_view line) {
      auto symbol = symbol_of(line);
      auto key = to_text(instrument);
      const auto at = std::min(upper(symbol).find(wanted), key.find(wanted));
      if (at == std::string::npos) return;
      if (symbol.empty()) symbol = key;
      found.push_back({at != 0, std::move(symbol), std::move(key)});
    });

  const auto best = found.begin() + static_cast<std::ptrdiff_t>(std::min(limit, found.size()));
  std::partial_sort(found.begin(), best, found.end(), [](const Found& a, const Found& b) {
    return std::tuple(a.inside, a.symbol.size(), std::string_view(a.symbol),
                      std::string_view(a.key)) < std::tuple(b.inside, b.symbol.size(),
                                                            std::string_view(b.symbol),
                                                            std::string_view(b.key));
  });
  std::string out = R"({"instruments":[)";
  for (auto one = found.begin(); one != best; ++one) {
    out.append(one == found.begin() ? "" : ",").append(R"({"instrument_key":)");
    ndjson::append_string(out, one->key);
    out.append(R"(,"symbol":)");
    ndjson::append_string(out, one->symbol);
    out.push_back('}');
  }
  return out + "]}";
}

}  // namespace ltp::serve::search
