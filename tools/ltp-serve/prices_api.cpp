#include "prices_api.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "key_list.hpp"
#include "net/server.hpp"
#include "tick/ndjson.hpp"
#include "tick/price_text.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <unordered_set>
#include <utility>

namespace ltp::serve::prices_api {
namespace {

/// What a request names, before it is taken apart: none at all, one text, or a list.
struct Named {
  bool any = false;
  std::vector<std::string> keys;
};

Named from_text(std::string_view text) {
  return {.any = !trim(text).empty(), .keys = split_keys(text)};
}

Named from_json(std::string_view body) {
  const auto json = parse_json(body);
  if (!json.is_object() || !json.contains("keys")) return {};
  const auto& keys = json["keys"];
  if (keys.is_string()) return from_text(keys.get_ref<const std::string&>());
  if (!keys.is_array()) return {};
  Named named{.any = !keys.empty()};
  for (const auto& key : keys) {
    if (key.is_structured()) continue;  // and may be of any depth
    // A number is no key, but it was named: it comes back as null under its own text.
    const auto text = key.is_string() ? key.get<std::string>() : dump_json(key);
    if (const auto trimmed = trim(text); !trimmed.empty()) named.keys.emplace_back(trimmed);
  }
  return named;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Named from_query(std::string_view query) {
  const auto value = net::query_value(query, "keys");
  return value ? from_text(*value) : Named{};
}

constexpr std::string_view name_of(Source source) noexcept {
  switch (source) {
    case Source::kMemory: return "memory";
    case Source::kCache: return "cache";
    case Source::kBroker: return "broker";
    case Source::kNone: break;
  }
  return "";
}

void append_details(std::string& out, std::span<const Key> keys, std::span<const Price> prices) {
  out.append(R"(,"details":{)");
  bool first = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& price = prices[i];
    if (price.text.empty()) continue;
    if (!std::exchange(first, false)) out.push_back(',');
    ndjson::append_string(out, keys[i].text);
    out += cat(R"(:{"source":")", name_of(price.source), R"(","age_ms":)",
               price.age_ms ? cat(*price.age_ms) : "null", R"(,"ltt":)");
    if (price.ltt.empty())
      out.append("null");
    else
      ndjson::append_string(out, price.ltt);
    out.push_back('}');
  }
  out.push_back('}');
}

}  // namespace

Result<std::vector<Key>, BadRequest> parse_request(std::string_view method, std::string_view query,
                                                   std::string_view content_type,
                                                   std::string_view body) {
  Named named;
  if (method == "POST") {
    const auto type = lower(content_type);
    if (type.find("json") != std::string_view::npos) {
      named = from_json(body);
    } else if (type.starts_with("application/x-www-form-urlencoded")) {
      named = from_query(body);
    }
  }
  if (!named.any) named = from_query(query);
  if (!named.any) return BadRequest{"Missing 'keys' parameter"};
  if (named.keys.empty()) return BadRequest{"No valid keys provided"};

  std::vector<Key> keys;
  std::unordered_set<std::string_view> seen;
  for (const auto& text : named.keys)
    if (seen.insert(text).second) keys.push_back({text, parse_instrument(text)});
  if (keys.size() > kMaxKeys)
    return BadRequest{cat("Too many keys: ", keys.size(), ", the limit is ", kMaxKeys)};
  return keys;
}

Price Price::of(std::string_view text, Source source) {
  if (!is_price_text(text)) return {};
  return {.text = std::string(text), .source = source};
}

Answer answer(std::span<const Key> keys, std::span<const Price> prices, std::int64_t now_s,
              bool detail) {
  std::size_t found = 0;
  std::size_t fetched = 0;
  std::string out = R"({"prices":{)";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out.push_back(',');
    ndjson::append_string(out, keys[i].text);
    out.append(":").append(prices[i].text.empty() ? "null" : prices[i].text);
    found += !prices[i].text.empty();
    fetched += prices[i].source == Source::kBroker;
  }
  auto tag = cat("\"", std::hash<std::string>{}(out), "\"");
  out.append(R"(},"timestamp":")");
  append_ist(out, now_s);
  out += cat(R"(","count":)", keys.size(), R"(,"cached_count":)", found, R"(,"api_fetched_count":)",
             fetched);
  if (detail) append_details(out, keys, prices);
  out.push_back('}');
  return {std::move(out), std::move(tag)};
}

std::string error_answer(std::string_view text, std::int64_t now_s) {
  std::string out = R"({"error":)";
  ndjson::append_string(out, text);
  out.append(R"(,"timestamp":")");
  append_ist(out, now_s);
  return out + "\"}";
}

}  // namespace ltp::serve::prices_api
