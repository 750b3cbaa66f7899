#include "plain.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::serve;

TEST_CASE("a message of /ws says what is wanted from now on", "[serve][plain]") {
  const auto ask = plain::parse_message(
      R"({"subscribe":["NSE_EQ:2885","IDX_I:*"],"unsubscribe":["*"],"max_hz":2.5})", Limits{});
  REQUIRE(ask);
  CHECK(ask.value().subscribe.instruments == std::vector<Instrument>{{Segment::kNseEq, 2885}});
  CHECK(ask.value().subscribe.segments == mask_of(Segment::kIdxI));
  CHECK(ask.value().unsubscribe.all);
  CHECK(ask.value().max_hz == 2.5);
}

TEST_CASE("a message that cannot be obeyed is answered with what was wrong", "[serve][plain]") {
  struct Case {
    const char* message;
    const char* part;
  };
  const auto c = GENERATE(values<Case>({
      {"", "that is not JSON"},
      {"{\"subscribe\":", "that is not JSON"},
      {"[]", "send {\"subscribe\""},
      {"{}", "send {\"subscribe\""},
      {R"({"subscribe":"NSE_EQ:2885"})", "\"subscribe\" has to be a list of keys"},
      {R"({"unsubscribe":[7]})", "\"unsubscribe\" has to be a list of keys"},
      {R"({"subscribe":["FOO:1"]})", "'FOO:1' is not SEGMENT:ID, SEGMENT:* or *"},
      {R"({"subscribe":["FOO:*"]})", "'FOO:*' names no segment"},
      {R"({"subscribe":["IDX_I:1","IDX_I:2","IDX_I:3"]})", "more than 2 keys"},
      {R"({"max_hz":"5"})", "\"max_hz\" has to be a number"},
      {R"({"max_hz":-1})", "max_hz has to be from 0 (no limit) to 1000"},
      {R"({"max_hz":1001})", "max_hz has to be from 0 (no limit) to 1000"},
      {R"({"subscirbe":["*"]})", "\"subscirbe\" is not known"},
  }));
  INFO(c.message);
  const auto ask = plain::parse_message(c.message, {.keys = 2});
  REQUIRE_FALSE(ask);
  CHECK(ask.error().text.find(c.part) != std::string::npos);
}

TEST_CASE("the query of an URL says the same", "[serve][plain]") {
  const auto ask = plain::parse_query("keys=NSE_EQ:2885,%20IDX_I:*&max_hz=5", Limits{});
  REQUIRE(ask);
  CHECK(ask.value().subscribe.keys() == 2);
  CHECK(ask.value().max_hz == 5);
  CHECK_FALSE(ask.value().batched);
  CHECK(plain::parse_query("keys=*&batch=1", Limits{}).value().batched);
  CHECK_FALSE(plain::parse_query("keys=*&batch=0", Limits{}).value().batched);
  const auto nothing = plain::parse_query("", Limits{});
  REQUIRE(nothing);
  CHECK(nothing.value().subscribe.empty());
  CHECK_FALSE(nothing.value().max_hz);
  for (const auto* wrong : {"keys=", "keys=,", "keys=RELIANCE", "max_hz=", "max_hz=5x",
                            "max_hz=nan", "keys=*&max_hz=-1", "batch=yes", "batch="}) {
    INFO(wrong);
    CHECK_FALSE(plain::parse_query(wrong, Limits{}));
  }
}

TEST_CASE("an error line is JSON whatever stands in it", "[serve][plain]") {
  CHECK(plain::error_line("no \"x\"\n") == R"({"type":"error","message":"no \"x\"\u000a"})");
}

TEST_CASE("a meter lets two seconds' worth pass at once, then so many a second",
          "[serve][limits]") {
  Meter meter;
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += meter.take(1'000'000, 10);
  CHECK(passed == 20);
  CHECK_FALSE(meter.take(1'000'050, 10));
  CHECK(meter.take(1'000'200, 10));  // two more by now
  CHECK(meter.take(1'000'200, 10));
  CHECK_FALSE(meter.take(1'000'200, 10));
}
