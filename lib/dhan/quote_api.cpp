#include "dhan/quote_api.hpp"

#include "base/text.hpp"
#include "dhan/disconnect.hpp"
#include "json/json.hpp"
#include "tick/price_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

namespace ltp::dhan {
namespace {

using Kind = RestFault::Kind;

constexpr double kMostPrice = 1e9;  // rupees; nothing costs so much

/// What was sent with decimals keeps no noise: the shortest text that is the same number.
std::string price_text(double price) {
  if (!std::isfinite(price) || price <= 0 || price > kMostPrice) return {};
  char digits[64];
  const auto end = std::to_chars(digits, std::end(digits), price, std::chars_format::fixed).ptr;
  std::string text(digits, end);
  return is_price_text(text) ? text : std::string{};
}

/// The text of a member, or "" if there is none.
std::string text_of(const Json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

/// "805" or "DH-904": where the different shapes of an error have their code.
std::string error_code(const Json& answer) {
  if (const auto code = answer.find("errorCode"); code != answer.end()) {
    if (code->is_structured()) return "of no known form";  // and may be of any depth
    return code->is_string() ? code->get<std::string>() : code->dump();
  }
  const auto data = answer.find("data");
  if (data == answer.end() || !data->is_object() || data->size() != 1) return {};
  const auto& key = data->begin().key();
  const bool is_code = key.size() == 3 && std::all_of(key.begin(), key.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  return is_code ? key : std::string{};
}

std::optional<Kind> kind_of_number(std::uint16_t code) noexcept {
  switch (code) {
    case 805: return Kind::kRateLimit;
    case 401:
    case 806:
    case 807:
    case 808:
    case 809:
    case 810:
    case 820:
    case 821: return Kind::kRefused;
    case 804:
    case 811:
    case 812:
    case 813:
    case 814: return Kind::kRequest;
    default: return std::nullopt;
  }
}

std::optional<Kind> kind_of_word(std::string_view code) noexcept {
  if (code == "DH-904" || code == "RL001") return Kind::kRateLimit;
  if (code == "DH-901" || code == "DH-902" || code == "DH-903" || code == "DH-911")
    return Kind::kRefused;
  if (code == "DH-905" || code == "DH-906" || code == "DH-907") return Kind::kRequest;
  return std::nullopt;
}

std::optional<Kind> kind_of_status(int status) noexcept {
  if (status == 429) return Kind::kRateLimit;
  if (status == 401 || status == 403) return Kind::kRefused;
  if (status == 400 || status == 404 || status == 405 || status == 413 || status == 422)
    return Kind::kRequest;
  return std::nullopt;
}

RestFault fault_of(int status, const Json& answer) {
  const auto code = answer.is_object() ? error_code(answer) : std::string{};
  std::uint16_t number = 0;
  const auto read = std::from_chars(code.data(), code.data() + code.size(), number);
  const bool is_number =
      !code.empty() && read.ec == std::errc{} && read.ptr == code.data() + code.size();

  // The HTTP status says more surely what it is, the code why.
  auto kind = kind_of_status(status);
  if (const auto by_code = is_number ? kind_of_number(number) : kind_of_word(code);
      by_code && (!kind || *kind == Kind::kRequest))
    kind = by_code;
  std::string text = is_number && number != 401 ? describe(number)
                     : !code.empty()            ? cat("error ", printable(code, 20))
                                                : std::string{};
  if (status != 200) text += cat(text.empty() ? "" : ", ", "HTTP status ", status);
  if (status >= 300 && status < 400) text += ", which points elsewhere and is not followed";
  if (text.empty()) text = "it answers with something else than quotes";
  return {kind.value_or(Kind::kTrouble), std::move(text)};
}

/// The object of an answer that is a good one.
Result<Json, RestFault> good_answer(int status, std::string_view body) {
  auto answer = parse_json(body);
  if (answer.is_discarded() || !answer.is_object()) {
    auto fault = fault_of(status, {});
    if (status == 200) fault.text = "its answer is no JSON";
    return fault;
  }
  if (status != 200 || answer.contains("errorCode")) return fault_of(status, answer);
  return answer;
}

void take_segment(const std::string& name, const Json& entries, std::vector<RestQuote>& quotes) {
  if (!segment_from_name(name) || !entries.is_object()) return;
  for (const auto& [id, entry] : entries.items()) {
    const auto instrument = parse_instrument(cat(name, ":", id));
    if (!instrument || !entry.is_object()) continue;
    const auto price = entry.find("last_price");
    if (price == entry.end() || !price->is_number()) continue;
    if (auto text = price_text(price->get<double>()); !text.empty())
      quotes.push_back({*instrument, std::move(text)});
  }
}

}  // namespace

std::string quote_body(std::span<const Instrument> instruments) {
  std::vector<Instrument> sorted(instruments.begin(), instruments.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](Instrument a, Instrument b) { return a.segment < b.segment; });
  std::string out = "{";
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool opens = i == 0 || sorted[i].segment != sorted[i - 1].segment;
    if (opens) out += cat(i == 0 ? "\"" : "],\"", segment_name(sorted[i].segment), "\":[");
    out += cat(opens ? "" : ",", sorted[i].security_id);
  }
  return out + (sorted.empty() ? "}" : "]}");
}

Headers rest_headers(const Credentials& credentials) {
  return {{"access-token", credentials.token},
          {"client-id", credentials.client_id},
          {"content-type", "application/json"},
          {"accept", "application/json"}};
}

Result<std::vector<RestQuote>, RestFault> parse_quotes(int status, std::string_view body) {
  const auto answer = good_answer(status, body);
  if (!answer) return answer.error();
  const auto data = answer.value().find("data");
  if (text_of(answer.value(), "status") != "success" || data == answer.value().end() ||
      !data->is_object())
    return fault_of(status, answer.value());
  std::vector<RestQuote> quotes;
  for (const auto& [segment, entries] : data->items()) take_segment(segment, entries, quotes);
  return quotes;
}

Result<Profile, RestFault> parse_profile(int status, std::string_view body) {
  const auto answer = good_answer(status, body);
  if (!answer) return answer.error();
  const auto& profile = answer.value();
  Profile told{text_of(profile, "dhanClientId"), text_of(profile, "tokenValidity"),
               text_of(profile, "dataPlan")};
  if (told.client_id.empty() && told.token_until.empty()) return fault_of(status, profile);
  return told;
}

}  // namespace ltp::dhan
