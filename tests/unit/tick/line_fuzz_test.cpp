#include "json/json.hpp"
#include "tick/line.hpp"
#include "tick/price_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <random>
#include <string>
#include <string_view>

using namespace ltp;

namespace {

constexpr std::string_view kSeeds[] = {
    R"({"type":"screener_ltp_update","symbol":"RELIANCE","instrument_id":null,"instrument_key":"NSE_EQ:2885","ltp":1393.4,"timestamp":"2026-01-05T10:15:30+05:30","recv_us":1767588330123456,"seq":81234})",
    R"({"type":"screener_ltp_update","a":{"ltp":[1,{"ltp":2}]},"instrument_key":"IDX_I:13","\u006ctp":24857.3,"s":"\"ltp\":1"})",
    R"({"type":"feed_status","state":"connected","reason":"a\\b\"c","code":807})",
    R"({"type":"gap","from":1,"to":2})",
};
constexpr std::string_view kBits[] = {"\"", "\\", "{", "}", "[", "]", ":", ",", "\"ltp\":5,", "\\u006c",
                                      "\xff", "\xe2\x82\xb9", "1e5", "-", "0", " ", "\n", "null"};

std::string damaged(std::mt19937& random) {
  std::string text{kSeeds[random() % std::size(kSeeds)]};
  for (auto hits = random() % 6; hits > 0; --hits) {
    const auto at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0: text.insert(at, kBits[random() % std::size(kBits)]); break;
      case 1: text.erase(at, random() % 8); break;
      case 2: text.resize(at); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(random() & 0xff);
    }
  }
  return text;
}

/// Of a tick that was read: what another parser has under the same names.
void check_tick(const line::TickLine& tick, std::string_view text) {
  const auto json = parse_json(text);  // keeps the last of two, as we do
  CHECK(is_price_text(tick.ltp));
  CHECK((parse_json(tick.ltp) == json.at("ltp")));
  CHECK(parse_instrument(json.at("instrument_key").get<std::string>()) == tick.instrument);
}

}  // namespace

TEST_CASE("damaged lines are read alike in both ways, and never more than they are", "[tick][fuzz]") {
  std::mt19937 random(20260105);
  line::Reader reader;
  int ticks = 0, junk = 0;
  for (int round = 0; round < 50'000; ++round) {
    const auto text = damaged(random);
    // Buffers of just their size: the sanitizer sees a read past the end.
    const auto exact = std::make_unique<char[]>(text.size());
    text.copy(exact.get(), text.size());
    const auto padded = std::make_unique<char[]>(text.size() + line::kPadding);
    text.copy(padded.get(), text.size());

    INFO(text);
    const auto in_place = reader.read_in_place({padded.get(), text.size()});
    const auto copied = reader.read({exact.get(), text.size()});
    REQUIRE(in_place.index() == copied.index());
    if (std::holds_alternative<line::Junk>(copied)) {
      ++junk;
      continue;
    }
    REQUIRE_FALSE(parse_json(text).is_discarded());  // else it would break a browser's parser
    if (const auto* tick = std::get_if<line::TickLine>(&copied)) {
      ++ticks;
      CHECK(tick->ltp == std::get<line::TickLine>(in_place).ltp);
      check_tick(*tick, text);
    }
  }
  CHECK(ticks > 1000);  // the damage leaves enough of each
  CHECK(junk > 1000);
}
