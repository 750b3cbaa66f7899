#include "tick/instrument.hpp"
#include "tick/keys.hpp"
#include "tick/segment.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

using namespace ltp;

TEST_CASE("segments have the broker's numbers and names", "[tick]") {
  struct Case { int code; Segment segment; const char* name; };
  const auto c = GENERATE(values<Case>({
      {0, Segment::kIdxI, "IDX_I"},
      {1, Segment::kNseEq, "NSE_EQ"},
      {2, Segment::kNseFno, "NSE_FNO"},
      {3, Segment::kNseCurrency, "NSE_CURRENCY"},
      {4, Segment::kBseEq, "BSE_EQ"},
      {5, Segment::kMcxComm, "MCX_COMM"},
      {7, Segment::kBseCurrency, "BSE_CURRENCY"},
      {8, Segment::kBseFno, "BSE_FNO"},
  }));
  INFO(c.name);
  CHECK(segment_from_code(static_cast<std::uint8_t>(c.code)) == c.segment);
  CHECK(segment_from_name(c.name) == c.segment);
  CHECK(segment_name(c.segment) == c.name);
}

TEST_CASE("no other number or name is a segment", "[tick]") {
  int known = 0;
  for (int code = 0; code < 256; ++code)
    known += segment_from_code(static_cast<std::uint8_t>(code)).has_value();
  CHECK(known == 8);
  CHECK_FALSE(segment_from_code(6));
  for (const char* name : {"", "NSE", "NSE_E", "NSE_EQ ", " NSE_EQ", "NSE_EQX", "NSE-EQ", "1", "NSE_ÉQ"}) {
    INFO(name);
    CHECK_FALSE(segment_from_name(name));
  }
  CHECK(segment_from_name("nSe_eQ") == Segment::kNseEq);
}

TEST_CASE("an instrument is read from SEGMENT:ID", "[tick]") {
  struct Case { const char* text; Segment segment; std::uint32_t id; const char* again; };
  const auto c = GENERATE(values<Case>({
      {"NSE_EQ:2885", Segment::kNseEq, 2885, "NSE_EQ:2885"},
      {"nse_eq:2885", Segment::kNseEq, 2885, "NSE_EQ:2885"},
      {"Idx_i:13", Segment::kIdxI, 13, "IDX_I:13"},
      {"BSE_EQ:0500325", Segment::kBseEq, 500325, "BSE_EQ:500325"},
      {"MCX_COMM:1", Segment::kMcxComm, 1, "MCX_COMM:1"},
      {"BSE_CURRENCY:4294967295", Segment::kBseCurrency, 4294967295, "BSE_CURRENCY:4294967295"},
  }));
  INFO(c.text);
  const auto instrument = parse_instrument(c.text);
  REQUIRE(instrument);
  CHECK(instrument->segment == c.segment);
  CHECK(instrument->security_id == c.id);
  CHECK(to_text(*instrument) == c.again);
}

TEST_CASE("what is not SEGMENT:ID is no instrument", "[tick]") {
  const std::string_view text = GENERATE(values<std::string_view>({
      "", ":", "NSE_EQ", "NSE_EQ:", ":2885", "2885", "NSE_EQ:0", "NSE_EQ:00", "NSE_EQ:-1",
      "NSE_EQ:+1", "NSE_EQ: 1", "NSE_EQ:1 ", " NSE_EQ:1", "NSE_EQ :1", "NSE_EQ:1.0", "NSE_EQ:1e3",
      "NSE_EQ:0x1", "NSE_EQ:4294967296", "NSE_EQ:99999999999", "NSE_EQ:00000000001", "NSE_XX:1",
      "NSE_EQ:1:2", "NSE_EQ::1", "NSE_EQ:\xd9\xa1", "NSE_EQ:*", "NSE_EQ:1\n",
      std::string_view("NSE_EQ:1\0", 9)}));
  INFO(text);
  CHECK_FALSE(parse_instrument(text));
}

TEST_CASE("an instrument's text is appended", "[tick]") {
  std::string out = "x";
  append_instrument(out, {Segment::kNseEq, 4294967295});
  CHECK(out == "xNSE_EQ:4294967295");
}

TEST_CASE("an instrument is its segment and its id together", "[tick]") {
  const Instrument a{Segment::kNseEq, 1}, b{Segment::kBseEq, 1}, c{Segment::kNseEq, 2};
  CHECK(a != b);
  CHECK(a != c);
  CHECK(a < c);
  CHECK(a < b);
  std::unordered_set<std::size_t> hashes;
  for (const auto segment : {Segment::kIdxI, Segment::kNseEq, Segment::kBseFno})
    for (std::uint32_t id = 1; id <= 10'000; ++id)
      hashes.insert(std::hash<Instrument>{}({segment, id}));
  CHECK(hashes.size() == 30'000);
}

TEST_CASE("the names in Redis are a contract with other programs", "[tick]") {
  CHECK(keys::price_key({Segment::kNseEq, 2885}) == "ltp:NSE_EQ:2885");
  std::string out = "a";
  keys::append_price_key(out, {Segment::kIdxI, 13});
  CHECK(out == "altp:IDX_I:13");
  CHECK(keys::kUpdatesChannel == "live_ltp_updates");
  CHECK(keys::kHeartbeat == "market_stream:heartbeat");
  CHECK(keys::kPriceLife_s == 30);
  CHECK(keys::kHeartbeatLife_s == 60);
}
