// The quick way of reading a line against the parser: whatever the line, one answer.
#include "json/json.hpp"
#include "tick/line_own.hpp"
#include "tick/ndjson.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace ltp;

namespace {

constexpr std::array<DepthLevel, 5> kDepth{{{1393.4f, 1393.5f, 25, 40, 3, 2},
                                            {1393.35f, 0, 5, 0, 1, 0},
                                            {0.05f, 100000, 4294967295, 1, 65535, 1},
                                            {0, 0, 0, 0, 0, 0},
                                            {1392, 1395, 1, 1, 1, 1}}};
constexpr DayFigures kDay{25, 4567890, 812345, 734210, 1391.07f, 1388, 1397.2f, 1385.55f, 0};

std::string line_of(const Tick& tick) {
  std::string text;
  ndjson::append_tick(text, tick);
  text.pop_back();
  return text;
}

/// Every form that ltp-feed's lines have.
std::vector<std::string> own_lines() {
  Tick ticker{.instrument = {Segment::kIdxI, 13},
              .kind = TickKind::kTicker,
              .source = Source::kSimulator,
              .ltp = 0.05f,
              .recv_us = 1767588330123456,
              .seq = 1};
  Tick quote{.instrument = {Segment::kNseEq, 2885},
             .symbol = "RELIANCE",
             .kind = TickKind::kQuote,
             .source = Source::kWebsocket,
             .ltp = 1393.4f,
             .trade_time_s = 1767588329,
             .recv_us = 0,
             .seq = 18446744073709551,
             .day = kDay,
             .prev_close = 1381.2f};
  Tick full = quote;
  full.kind = TickKind::kFull;
  full.instrument = {Segment::kNseCurrency, 4294967295};
  full.symbol = "M&M {\x7f} [1], 'a': b";
  full.ltp = 100000;
  full.open_interest = 0;
  full.depth = &kDepth;
  Tick late_close = ticker;
  late_close.prev_close = 83.2475f;
  Tick no_close = full;
  no_close.prev_close.reset();
  no_close.depth = nullptr;
  return {line_of(ticker), line_of(quote), line_of(full), line_of(late_close), line_of(no_close)};
}

/// The line in a buffer of just its size and kPadding of `behind`, over and over.
struct Padded {
  Padded(std::string_view line, std::string_view behind)
      : bytes(std::make_unique<char[]>(line.size() + line::kPadding)),
        text(bytes.get(), line.size()) {
    line.copy(bytes.get(), line.size());
    for (std::size_t i = 0; i < line::kPadding; ++i)
      bytes[line.size() + i] = behind[i % behind.size()];
  }
  std::unique_ptr<char[]> bytes;
  std::string_view text;
};

/// Whether the quick way took the line; if it did, the parser must say the same.
bool taken_alike(line::Reader& reader, std::string_view text, std::string_view behind = "\"") {
  const Padded padded(text, behind);
  const auto own = line::read_own(padded.text);
  if (!own) return false;
  const auto parsed = reader.parse_in_place(padded.text);
  INFO(text);
  const auto* tick = std::get_if<line::TickLine>(&parsed);
  REQUIRE(tick != nullptr);
  const bool alike = own->instrument == tick->instrument && own->recv_us == tick->recv_us &&
                     own->ltp.data() == tick->ltp.data() && own->ltp.size() == tick->ltp.size();
  REQUIRE(alike);
  return true;
}

std::string with(std::string line, std::string_view old_text, std::string_view new_text) {
  const auto at = line.find(old_text);
  REQUIRE(at != line.npos);
  return line.replace(at, old_text.size(), new_text);
}

}  // namespace

TEST_CASE("the lines of ltp-feed take the quick way", "[tick]") {
  line::Reader reader;
  for (const auto& line : own_lines()) {
    INFO(line);
    CHECK(taken_alike(reader, line));
    CHECK(taken_alike(reader, line + "\n"));
  }
}

TEST_CASE("what the quick way leaves to the parser", "[tick]") {
  const std::string line = own_lines()[1];
  struct Case {
    const char* why;
    std::string line;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"escape in the symbol", with(line, "RELIANCE", "REL\\u0049ANCE")},
      {"quote in the symbol", with(line, "RELIANCE", "REL\\\"I")},
      {"backslash at its end", with(line, "RELIANCE\"", "RELIANCE\\\"")},
      {"symbol in UTF-8", with(line, "RELIANCE", "\xe2\x82\xb9")},
      {"bad UTF-8", with(line, "RELIANCE", "\xff")},
      {"overlong UTF-8", with(line, "RELIANCE", "\xc0\xaf")},
      {"NUL", with(line, "RELIANCE", std::string_view("\0", 1))},
      {"control byte", with(line, "RELIANCE", "\x1f")},
      {"escaped key", with(line, "NSE_EQ:2885\",\"ltp", "NSE\\u005fEQ:2885\",\"ltp")},
      {"escaped name", with(line, "\"ltp\"", "\"\\u006ctp\"")},
      {"duplicate price behind", with(line, ",\"timestamp\"", ",\"ltp\":5,\"timestamp\"")},
      {"duplicate price at the end", with(line, ",\"prev_close\"", ",\"ltp\":5,\"prev_close\"")},
      {"duplicate key at the end",
       line.substr(0, line.size() - 1) + ",\"instrument_key\":\"NSE_EQ:1\"}"},
      {"duplicate type at the end", line.substr(0, line.size() - 1) + ",\"type\":\"gap\"}"},
      {"other order", with(line, "\"symbol\":\"RELIANCE\",\"instrument_id\":null",
                           "\"instrument_id\":null,\"symbol\":\"RELIANCE\"")},
      {"another type", with(line, "screener_ltp_update", "screener_ltp_updatE")},
      {"an id", with(line, "\"instrument_id\":null", "\"instrument_id\":412")},
      {"object for the volume", with(line, "\"volume\":4567890", "\"volume\":{\"ltp\":5}")},
      {"array for the volume", with(line, "\"volume\":4567890", "\"volume\":[5]")},
      {"object for the symbol", with(line, "\"RELIANCE\"", "{\"ltp\":5}")},
      {"price as text", with(line, "1393.4", "\"1393.4\"")},
      {"price 0", with(line, "1393.4", "0")},
      {"price 0.00", with(line, "1393.4", "0.00")},
      {"price below 0", with(line, "1393.4", "-1393.4")},
      {"price null", with(line, "1393.4", "null")},
      {"exponent", with(line, "1393.4", "1.5e3")},
      {"huge exponent", with(line, "1393.4", "1e400")},
      {"leading zero", with(line, "1393.4", "01393.4")},
      {"no digit before the point", with(line, "1393.4", ".4")},
      {"no digit behind the point", with(line, "1393.4", "1393.")},
      {"two points", with(line, "1393.4", "1.2.3")},
      {"plus", with(line, "1393.4", "+1393.4")},
      {"past 64 bits", with(line, "1393.4", "18446744073709551616")},
      {"past all", with(line, "1393.4", std::string(500, '9'))},
      {"volume past 64 bits", with(line, "4567890", "99999999999999999999")},
      {"time past 64 bits", with(line, "\"recv_us\":0", "\"recv_us\":9223372036854775808")},
      {"time with a point", with(line, "\"recv_us\":0", "\"recv_us\":0.5")},
      {"time null", with(line, "\"recv_us\":0", "\"recv_us\":null")},
      {"unknown segment", with(line, "NSE_EQ:2885", "NSE_XX:2885")},
      {"id 0", with(line, "NSE_EQ:2885", "NSE_EQ:0")},
      {"id past 32 bits", with(line, "NSE_EQ:2885", "NSE_EQ:4294967296")},
      {"blank", with(line, "\"ltp\":", "\"ltp\": ")},
      {"blank in front", " " + line},
      {"blank behind", line + " "},
      {"CR", line + "\r"},
      {"two newlines", line + "\n\n"},
      {"twice", line + line},
      {"two braces", line + "}"},
      {"comma at the end", with(line, "}", ",}")},
      {"nothing", ""},
  }));
  INFO(c.why);
  line::Reader reader;
  CHECK_FALSE(taken_alike(reader, c.line));
}

TEST_CASE("the last letter that the quick way takes of a number", "[tick]") {
  const std::string line = own_lines()[1];
  line::Reader reader;
  CHECK(taken_alike(reader, with(line, "1393.4", "999999999999999999.999999999999999999")));
  CHECK(taken_alike(reader, with(line, "1393.4", "0.000000000000000001")));
  CHECK(taken_alike(reader, with(line, "1393.4", "10.0")));
  CHECK(taken_alike(reader, with(line, "\"recv_us\":0", "\"recv_us\":999999999999999999")));
  CHECK_FALSE(taken_alike(reader, with(line, "1393.4", "1000000000000000000")));
  CHECK_FALSE(taken_alike(reader, with(line, "1393.4", "1.0000000000000000001")));
  CHECK(taken_alike(reader, with(line, "\"NSE_EQ:2885\"", "\"nse_eq:0000002885\"")));
}

TEST_CASE("a line cut short is not taken, whatever lies behind it", "[tick]") {
  line::Reader reader;
  for (const auto& line : own_lines())
    for (std::size_t size = 0; size < line.size(); ++size) {
      const auto cut = std::string_view(line).substr(0, size);
      for (const std::string_view behind :
           {std::string_view(line).substr(size), std::string_view("5"), std::string_view("\""),
            std::string_view("}")})
        CHECK_FALSE(taken_alike(reader, cut, behind));
    }
}

TEST_CASE("each byte of a line changed, left out or doubled", "[tick][fuzz]") {
  line::Reader reader;
  int taken = 0;
  for (const auto& line : own_lines())
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::string changed = line;
      for (const int byte :
           {0,  9,  10, 13, 31, 32,  33,  34,  43,  44,  45,  46,  47,  48,  49, 57,
            58, 69, 91, 92, 93, 101, 110, 117, 123, 125, 126, 127, 128, 194, 255}) {
        changed[at] = static_cast<char>(byte);
        taken += taken_alike(reader, changed);
      }
      changed = line;
      taken += taken_alike(reader, changed.erase(at, 1));
      changed = line;
      taken += taken_alike(reader, changed.insert(at, 1, line[at]));
    }
  CHECK(taken > 5000);  // letters within strings, digits
}

TEST_CASE("lines damaged by chance and pieced together of others", "[tick][fuzz]") {
  constexpr std::string_view kBits[] = {"\"",
                                        "\\",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ":",
                                        ",",
                                        "\"ltp\":5,",
                                        ",\"ltp\":7",
                                        "\\u006c",
                                        "\xff",
                                        "1e5",
                                        "-",
                                        "0",
                                        " ",
                                        "\n",
                                        "null",
                                        ".",
                                        "00",
                                        "{\"ltp\":1}",
                                        "\"type\":\"gap\",",
                                        "\xe2\x82\xb9",
                                        "99999999999999999999"};
  const auto seeds = own_lines();
  std::mt19937 random(20260105);
  line::Reader reader;
  int taken = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (auto hits = 1 + random() % 3; hits > 0; --hits) {
      const auto at = random() % (text.size() + 1);
      switch (random() % 5) {
        case 0: text.insert(at, kBits[random() % std::size(kBits)]); break;
        case 1: text.erase(at, random() % 12); break;
        case 2: {
          const auto& other = seeds[random() % seeds.size()];
          text = text.substr(0, at) + other.substr(std::min<std::size_t>(at, other.size()));
          break;
        }
        case 3:
          text.replace(at, std::min<std::size_t>(1, text.size() - at), 1,
                       "0123456789.,\"}"[random() % 14]);
          break;
        default: text.insert(at, text.substr(at, random() % 20));
      }
    }
    if (!taken_alike(reader, text)) continue;
    ++taken;
    INFO(text);
    REQUIRE_FALSE(parse_json(text).is_discarded());  // a third opinion
  }
  CHECK(taken > 1000);
}
