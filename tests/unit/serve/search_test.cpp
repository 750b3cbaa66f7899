#include "search.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace ltp;
using namespace ltp::serve;

namespace {

std::string line_of(const std::string& key, const std::string& symbol) {
  return R"({"type":"screener_ltp_update","symbol":)" + symbol + R"(,"instrument_key":")" + key +
         R"(","ltp":1})";
}

/// What the answer finds, as "KEY KEY ".
std::string found(const Hub& hub, std::string_view text, std::size_t limit = 50) {
  const auto json = search::answer(hub, text, limit);
  std::string keys;
  constexpr std::string_view kMember = R"({"instrument_key":")";
  for (auto at = json.find(kMember); at != json.npos; at = json.find(kMember, at + 1)) {
    const auto begin = at + kMember.size();
    keys += json.substr(begin, json.find('"', begin) - begin) + " ";
  }
  return keys;
}

}  // namespace

TEST_CASE("instruments are found by name and key, the nearest first", "[search]") {
  Hub hub;
  const auto add = [&](Instrument instrument, const std::string& key, const std::string& symbol) {
    hub.tick({instrument, "1", {}}, line_of(key, symbol), 0);
  };
  CHECK(search::answer(hub, "x", 50) == R"({"instruments":[]})");
  add({Segment::kNseEq, 1}, "NSE_EQ:1", R"("ALPHABET")");
  add({Segment::kNseEq, 2}, "NSE_EQ:2", R"("ALPHA")");
  add({Segment::kNseEq, 3}, "NSE_EQ:3", R"("OMEGA ALPHA")");
  add({Segment::kIdxI, 13}, "IDX_I:13", R"("NIFTY")");
  add({Segment::kNseEq, 4}, "NSE_EQ:4", R"("M\u0026M \"A\"")");
  add({Segment::kNseEq, 5}, "NSE_EQ:5", "7");
  CHECK(found(hub, "alpha") == "NSE_EQ:2 NSE_EQ:1 NSE_EQ:3 ");
  CHECK(found(hub, "alpha", 2) == "NSE_EQ:2 NSE_EQ:1 ");
  CHECK(found(hub, " Nif ") == "IDX_I:13 ");
  CHECK(found(hub, "idx_i") == "IDX_I:13 ");
  CHECK(found(hub, "m&m") == "NSE_EQ:4 ");
  CHECK(found(hub, "NSE_EQ:5") == "NSE_EQ:5 ");  // no name of its own: its key is it
  CHECK(found(hub, "").empty());
  CHECK(found(hub, "nothing").empty());
  CHECK(search::answer(hub, "m&m", 1) ==
        R"({"instruments":[{"instrument_key":"NSE_EQ:4","symbol":"M&M \"A\""}]})");
}
