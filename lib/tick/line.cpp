#include "tick/line.hpp"

#include "tick/line_own.hpp"

#include <simdjson.h>

#include <string>

namespace ltp::line {
namespace {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::string_view kTickType = "screener_ltp_update";
constexpr std::string_view kStatusType = "feed_status";

/// Where the string that opens at `quote` closes. On valid JSON only.
std::size_t closing_quote(std::string_view json, std::size_t quote) noexcept {
  std::size_t i = quote + 1;
  while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return i;
}

/// The text of the number or string that is the value of an object's member number `place`,
/// from 0. simdjson's DOM keeps the value, not the text, and the text is what the exchange
/// wrote. On valid JSON only: there, each colon at depth 1 outside of strings ends one name.
std::string_view value_text(std::string_view object, std::size_t place) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  constexpr std::string_view kAfterNumber = ",} \t\r\n";
  std::size_t depth = 0;
  std::size_t names = 0;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const char c = object[i];
    if (c == '"') {
      i = closing_quote(object, i);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ':' && depth == 1 && names++ == place) {
      const std::size_t begin = object.find_first_not_of(kBlank, i + 1);
      const std::size_t end = object[begin] == '"' ? closing_quote(object, begin) + 1
                                                   : object.find_first_of(kAfterNumber, begin);
      return object.substr(begin, end - begin);
    }
  }
  return {};  // not reached: the caller counted the names
}

}  // namespace

struct Reader::State {
  simdjson::dom::parser parser;
  std::string padded;
};

Reader::Reader() : state_(std::make_unique<State>()) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Line Reader::read(std::string_view line) {
  auto& padded = state_->padded;
  padded.reserve(line.size() + kPadding);
  padded.assign(line);
  auto result = read_in_place({padded.data(), line.size()});
  // The number's text was found in the copy: hand out the caller's bytes.
  if (auto* tick = std::get_if<TickLine>(&result))
    tick->ltp =
        line.substr(static_cast<std::size_t>(tick->ltp.data() - padded.data()), tick->ltp.size());
  return result;
}

Line Reader::read_in_place(std::string_view line) {
  if (const auto own = read_own(line)) return *own;
  return parse_in_place(line);
}

Line Reader::parse_in_place(std::string_view line) {
  simdjson::dom::element root;
  simdjson::dom::object object;
  if (state_->parser.parse(line.data(), line.size(), false).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS)
    return Junk{};

  std::string_view type, key, state, reason;
  double price = 0;
  std::size_t price_place = 0;
  std::optional<std::int64_t> recv_us;
  std::size_t place = 0;
  for (const auto field : object) {
    // Every name here is written afresh when it comes again: the last one counts.
    const std::string_view name = field.key;
    if (name == "type") {
      if (field.value.get(type) != simdjson::SUCCESS) type = {};
    } else if (name == "instrument_key") {
      if (field.value.get(key) != simdjson::SUCCESS) key = {};
    } else if (name == "ltp") {
      if (field.value.get(price) != simdjson::SUCCESS) price = 0;
      price_place = place;
    } else if (name == "recv_us") {
      std::int64_t us = 0;
      recv_us = field.value.get(us) == simdjson::SUCCESS ? std::optional{us} : std::nullopt;
    } else if (name == "state") {
      if (field.value.get(state) != simdjson::SUCCESS) state = {};
    } else if (name == "reason") {
      if (field.value.get(reason) != simdjson::SUCCESS) reason = {};
    }
    ++place;
  }

  if (type == kStatusType) return StatusLine{state == "connected", state, reason};
  if (type != kTickType) return OtherLine{};
  const auto instrument = parse_instrument(key);
  if (!instrument || !(price > 0)) return OtherLine{.broken_tick = true};
  return TickLine{*instrument, value_text(line, price_place), recv_us};
}

std::optional<RecordedLine> Reader::read_recorded(std::string_view line) {
  simdjson::dom::element root;
  simdjson::dom::object object;
  if (state_->parser.parse(line.data(), line.size(), false).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS)
    return std::nullopt;

  std::string_view type, key;
  std::optional<std::int64_t> recv_us;
  std::optional<std::size_t> recv_us_place, source_place;
  std::size_t place = 0;
  for (const auto field : object) {
    const std::string_view name = field.key;
    if (name == "type") {
      if (field.value.get(type) != simdjson::SUCCESS) type = {};
    } else if (name == "instrument_key") {
      if (field.value.get(key) != simdjson::SUCCESS) key = {};
    } else if (name == "recv_us") {
      std::int64_t us = 0;
      recv_us = field.value.get(us) == simdjson::SUCCESS ? std::optional{us} : std::nullopt;
      recv_us_place = place;
    } else if (name == "source") {
      source_place = field.value.is_string() ? std::optional{place} : std::nullopt;
    }
    ++place;
  }

  RecordedLine recorded;
  if (type == kTickType) recorded.instrument = parse_instrument(key);
  recorded.recv_us = recv_us;
  if (recv_us) recorded.recv_us_text = value_text(line, *recv_us_place);
  if (source_place) recorded.source_text = value_text(line, *source_place);
  return recorded;
}

}  // namespace ltp::line
