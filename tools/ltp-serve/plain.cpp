#include "plain.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "net/server.hpp"
#include "tick/ndjson.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>
#include <vector>

namespace ltp::serve::plain {
namespace {

constexpr double kMostHz = 1000;

Result<double, KeyError> checked_hz(double hz) {
  if (!(hz >= 0 && hz <= kMostHz)) return KeyError{"max_hz has to be from 0 (no limit) to 1000"};
  return hz;
}

Result<Filter, KeyError> parse_keys(const std::string& name, const Json& keys,
                                    const Limits& limits) {
  const auto wrong = [&] { return KeyError{cat("\"", name, "\" has to be a list of keys")}; };
  if (!keys.is_array()) return wrong();
  std::vector<std::string> texts;
  for (const auto& key : keys) {
    if (!key.is_string()) return wrong();
    texts.push_back(key.get<std::string>());
  }
  if (texts.empty()) return Filter{};
  return parse_filter(texts, limits.keys);
}

}  // namespace

Result<Ask, KeyError> parse_message(std::string_view message, const Limits& limits) {
  const auto json = parse_json(message);
  if (json.is_discarded()) return KeyError{"that is not JSON"};
  constexpr auto kForm = R"(send {"subscribe":["NSE_EQ:2885"]}, "unsubscribe" or "max_hz")";
  if (!json.is_object() || json.empty()) return KeyError{kForm};
  Ask ask;
  for (const auto& [name, value] : json.items()) {
    if (name == "subscribe" || name == "unsubscribe") {
      auto filter = parse_keys(name, value, limits);
      if (!filter) return filter.error();
      (name == "subscribe" ? ask.subscribe : ask.unsubscribe) = std::move(filter).value();
    } else if (name == "max_hz") {
      if (!value.is_number()) return KeyError{"\"max_hz\" has to be a number"};
      const auto hz = checked_hz(value.get<double>());
      if (!hz) return hz.error();
      ask.max_hz = hz.value();
    } else {
      return KeyError{cat("\"", printable(name), "\" is not known; ", kForm)};
    }
  }
  return ask;
}

Result<Ask, KeyError> parse_query(std::string_view query, const Limits& limits) {
  Ask ask;
  if (const auto keys = net::query_value(query, "keys")) {
    auto filter = parse_filter(split_keys(*keys), limits.keys);
    if (!filter) return filter.error();
    ask.subscribe = std::move(filter).value();
  }
  if (const auto text = net::query_value(query, "max_hz")) {
    double number = -1;
    const auto end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    const auto hz = checked_hz(read.ec == std::errc{} && read.ptr == end ? number : -1);
    if (!hz) return hz.error();
    ask.max_hz = hz.value();
  }
  if (const auto batch = net::query_value(query, "batch")) {
    if (*batch != "0" && *batch != "1") return KeyError{"batch has to be 0 or 1"};
    ask.batched = *batch == "1";
  }
  return ask;
}

std::string error_line(std::string_view message) {
  std::string out = R"({"type":"error","message":)";
  ndjson::append_string(out, message);
  return out + "}";
}

}  // namespace ltp::serve::plain
