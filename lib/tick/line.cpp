#include "tick/line.hpp"

#include <simdjson.h>

#include <string>

namespace ltp::line {
namespace {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::string_view kTickType = "screener_ltp_update";
constexpr std::string_view kStatusType = "feed_status";

/// The text of the number that `ltp` has in the line. simdjson's DOM keeps the value,
/// not the text; the text is what the exchange wrote, so it is looked up again.
/// Works on a valid object only: strings are skipped as strings, nested values as such.
std::string_view last_number_text(std::string_view object, std::string_view field) noexcept {
  std::string_view found;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const char c = object[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t begin = ++i;
    while (object[i] != '"') i += object[i] == '\\' ? 2 : 1;
    if (depth != 1 || object.substr(begin, i - begin) != field) continue;
    std::size_t at = object.find_first_not_of(" \t\r\n", i + 1);
    if (at == std::string_view::npos || object[at] != ':') continue;  // a value, not a name
    at = object.find_first_not_of(" \t\r\n", at + 1);
    const std::size_t end = object.find_first_of(",} \t\r\n", at);
    found = object.substr(at, end - at);
  }
  return found;
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
    tick->ltp = line.substr(static_cast<std::size_t>(tick->ltp.data() - padded.data()),
                            tick->ltp.size());
  return result;
}

Line Reader::read_in_place(std::string_view line) {
  simdjson::dom::element root;
  simdjson::dom::object object;
  if (state_->parser.parse(line.data(), line.size(), false).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS)
    return Junk{};

  std::string_view type, key, state, reason;
  double price = 0;
  std::optional<std::int64_t> recv_us;
  for (const auto field : object) {
    // Every name here is written afresh when it comes again: the last one counts.
    const std::string_view name = field.key;
    if (name == "type") {
      if (field.value.get(type) != simdjson::SUCCESS) type = {};
    } else if (name == "instrument_key") {
      if (field.value.get(key) != simdjson::SUCCESS) key = {};
    } else if (name == "ltp") {
      if (field.value.get(price) != simdjson::SUCCESS) price = 0;
    } else if (name == "recv_us") {
      std::int64_t us = 0;
      recv_us = field.value.get(us) == simdjson::SUCCESS ? std::optional{us} : std::nullopt;
    } else if (name == "state") {
      if (field.value.get(state) != simdjson::SUCCESS) state = {};
    } else if (name == "reason") {
      if (field.value.get(reason) != simdjson::SUCCESS) reason = {};
    }
  }

  if (type == kStatusType) return StatusLine{state == "connected", state, reason};
  if (type != kTickType || !(price > 0)) return OtherLine{};
  const auto instrument = parse_instrument(key);
  if (!instrument) return OtherLine{};
  const auto text = last_number_text(line, "ltp");
  if (text.empty()) return OtherLine{};  // its name was written with escapes
  return TickLine{*instrument, text, recv_us};
}

}  // namespace ltp::line
