#include "recording.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "catalogue.hpp"
#include "dhan/packet.hpp"
#include "json/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <utility>

namespace ltp::sim {
namespace {

constexpr std::uint32_t kTickQuantity = 1;
constexpr float kTooDear = 10'000'000;  // no paper costs that much; a binary32 has no paise there

/// Why a line cannot be played; caught where file and number are known.
struct BadLine {
  std::string why;
};

float price_member(const Json& line, const char* name) {
  const auto found = line.find(name);
  if (found == line.end()) throw BadLine{cat("'", name, "' is missing")};
  // A number is taken by its text as well: a double in between could round twice.
  const auto text = found->is_string()      ? found->get<std::string>()
                    : found->is_primitive() ? found->dump()
                                            : std::string();
  float price = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), price);
  if (error != std::errc{} || end != text.data() + text.size() || !dhan::is_price(price) ||
      price >= kTooDear)
    throw BadLine{cat("'", name, "' is no price")};
  return price;
}

std::uint32_t volume_member(const Json& line) {
  const auto found = line.find("volume");
  if (found == line.end() || !found->is_number_unsigned()) throw BadLine{"'volume' is no number"};
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(found->get<std::uint64_t>(), 1u << 30));
}

void add_bar(Recording& recording, const Json& line) {
  const auto symbol = line.at("symbol").get<std::string>();
  const auto instrument = find_symbol(symbol);
  if (!instrument) throw BadLine{cat("the symbol '", printable(symbol), "' is not known here")};
  const float open = price_member(line, "open");
  const float high = price_member(line, "high");
  const float low = price_member(line, "low");
  const float close = price_member(line, "close");
  if (low > std::min(open, close) || high < std::max(open, close))
    throw BadLine{"'open' or 'close' is not between 'low' and 'high'"};
  const auto volume = volume_member(line);
  // All four prices are met either way; up first is the shorter way if the bar falls.
  const bool high_first = close < open;
  auto& trades = recording[*instrument];
  const float path[] = {open, high_first ? high : low, high_first ? low : high, close};
  for (std::uint32_t i = 0; i < 4; ++i)
    trades.push_back({path[i], volume / 4 + (i < volume % 4 ? 1 : 0)});
}

void add_line(Recording& recording, const std::string& text) {
  const auto line = parse_json(text);
  if (!line.is_object()) throw BadLine{"no JSON object"};
  if (line.contains("type") && line["type"] != "screener_ltp_update") return;
  if (const auto key = line.find("instrument_key"); key != line.end() && key->is_string()) {
    const auto instrument = parse_instrument(key->get<std::string>());
    if (!instrument) throw BadLine{"'instrument_key' is not SEGMENT:ID"};
    recording[*instrument].push_back({price_member(line, "ltp"), kTickQuantity});
  } else if (const auto symbol = line.find("symbol"); symbol != line.end() && symbol->is_string()) {
    add_bar(recording, line);
  } else {
    throw BadLine{
        "neither a bar (symbol, open, high, low, close, volume) nor a tick "
        "(instrument_key, ltp)"};
  }
}

}  // namespace

Recording read_recording(std::istream& lines, const std::string& file) {
  Recording recording;
  std::string text;
  for (std::size_t number = 1; std::getline(lines, text); ++number) {
    if (trim(text).empty()) continue;
    try {
      add_line(recording, text);
    } catch (const BadLine& bad) {
      throw StartError(Fault::kBadInput, cat(file, ":", number, ": ", bad.why));
    }
  }
  if (recording.empty()) throw StartError(Fault::kBadInput, cat(file, " has no price to play"));
  return recording;
}

Recording read_recording_file(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw StartError(Fault::kNoInput, cat("cannot open ", path, " (", std::strerror(errno), ")"));
  return read_recording(file, path);
}

}  // namespace ltp::sim
