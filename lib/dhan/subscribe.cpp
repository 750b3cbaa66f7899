#include "dhan/subscribe.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>

namespace ltp::dhan {
namespace {

constexpr int kDisconnectCode = 12;

constexpr int subscribe_code(TickKind mode) noexcept {
  switch (mode) {
    case TickKind::kTicker: return 15;
    case TickKind::kQuote: return 17;
    case TickKind::kFull: return 21;
  }
  return 0;
}

/// The action and mode of a code; none: not in use.
std::optional<Request> from_code(int code) {
  if (code == kDisconnectCode) return Request{.action = Action::kDisconnect};
  for (const auto mode : {TickKind::kTicker, TickKind::kQuote, TickKind::kFull}) {
    if (code == subscribe_code(mode)) return Request{.action = Action::kSubscribe, .mode = mode};
    if (code == subscribe_code(mode) + 1)
      return Request{.action = Action::kUnsubscribe, .mode = mode};
  }
  return std::nullopt;
}

std::optional<std::string> text_member(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> integer_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const auto number = found->get<std::int64_t>();
  if (found->is_number_unsigned() && number < 0) return std::nullopt;  // past 63 bits
  return number;
}

/// As strict as the broker's documents: the segment's name in capitals, the id a string.
/// What is wrong is told by place, never by printing the entry: it may be nested deeply.
Result<Instrument, RequestError> parse_entry(const Json& entry, std::size_t place) {
  const auto error = [place](std::string_view what) {
    return RequestError{cat("entry ", place, ": ", what)};
  };
  const auto segment = text_member(entry, "ExchangeSegment");
  if (!segment) return error("ExchangeSegment is missing or no text");
  const auto id = text_member(entry, "SecurityId");
  if (!id) return error("SecurityId is missing or no text");
  const auto name = cat(*segment, ":", *id);
  const auto instrument = parse_instrument(name);
  if (!instrument || segment_name(instrument->segment) != *segment)
    return error(cat("'", printable(name), "' is no instrument"));
  return *instrument;
}

}  // namespace

std::string request_text(Action action, TickKind mode, std::span<const Instrument> instruments) {
  assert(instruments.size() <= kMaxPerMessage);
  if (action == Action::kDisconnect) return cat(R"({"RequestCode":)", kDisconnectCode, "}");
  const int code = subscribe_code(mode) + (action == Action::kUnsubscribe ? 1 : 0);
  std::string out = cat(R"({"RequestCode":)", code, R"(,"InstrumentCount":)", instruments.size(),
                        R"(,"InstrumentList":[)");
  for (const auto& instrument : instruments) {
    if (&instrument != instruments.data()) out.push_back(',');
    out += cat(R"({"ExchangeSegment":")", segment_name(instrument.segment), R"(","SecurityId":")",
               instrument.security_id, R"("})");
  }
  return out + "]}";
}

std::vector<std::string> request_texts(Action action, TickKind mode,
                                       std::span<const Instrument> instruments) {
  std::vector<std::string> texts;
  while (!instruments.empty()) {
    const auto part = instruments.first(std::min(instruments.size(), kMaxPerMessage));
    texts.push_back(request_text(action, mode, part));
    instruments = instruments.subspan(part.size());
  }
  return texts;
}

Result<Request, RequestError> parse_request(std::string_view text) {
  const auto json = parse_json(text);
  if (!json.is_object()) return RequestError{"not a JSON object"};
  const auto code = integer_member(json, "RequestCode");
  if (!code) return RequestError{"RequestCode is missing or no integer"};
  auto request = *code >= 0 && *code <= 255 ? from_code(static_cast<int>(*code)) : std::nullopt;
  if (!request) return RequestError{cat("RequestCode ", *code, " is not in use")};
  if (request->action == Action::kDisconnect) return *std::move(request);

  const auto list = json.find("InstrumentList");
  if (list == json.end() || !list->is_array())
    return RequestError{"InstrumentList is missing or no list"};
  if (list->size() > kMaxPerMessage)
    return RequestError{cat("more than ", kMaxPerMessage, " instruments in a message")};
  const auto count = integer_member(json, "InstrumentCount");
  if (!count) return RequestError{"InstrumentCount is missing or no integer"};
  if (*count < 0 || static_cast<std::size_t>(*count) != list->size())
    return RequestError{cat("InstrumentCount is ", *count, ", the list has ", list->size())};
  for (const auto& entry : *list) {
    const auto instrument = parse_entry(entry, request->instruments.size() + 1);
    if (!instrument) return instrument.error();
    request->instruments.push_back(instrument.value());
  }
  return *std::move(request);
}

}  // namespace ltp::dhan
