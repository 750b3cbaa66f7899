#include "intake.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::serve;

TEST_CASE("what comes in is looked at once and remembered", "[serve][intake]") {
  Hub hub;
  Intake intake(hub);
  constexpr Instrument kReliance{Segment::kNseEq, 2885};

  intake.line(R"({"type":"feed_status","state":"connected","reason":null})" "\n", 1'000'000);
  CHECK(intake.feed_state() == "connected");
  CHECK(intake.alive_us() == 1'000'000);
  CHECK_FALSE(intake.last_tick_us());

  intake.line(R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:2885","ltp":2847.35})" "\r\n",
              2'000'000);
  REQUIRE(hub.price(kReliance));
  CHECK(hub.price(kReliance)->text == "2847.35");
  CHECK(hub.price(kReliance)->at_ms == 2000);
  CHECK(intake.last_tick_us() == 2'000'000);

  intake.line(R"({"type":"feed_status","state":"disconnected","reason":"no frame for 40 s"})",
              3'000'000);
  CHECK(intake.feed_state() == "disconnected");
  CHECK(intake.feed_reason() == "no frame for 40 s");
  CHECK(intake.alive_us() == 2'000'000);  // that it is down is no sign of life

  intake.line(R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:2885","ltp":0})", 4'000'000);
  CHECK(hub.price(kReliance)->text == "2847.35");
  for (const auto* junk : {"nonsense", "[1]", "{\"a\":", "{\"a\":1} x"}) intake.line(junk, 5'000'000);
  intake.line("\n", 5'000'000);
  CHECK(intake.junk() == 4);
  CHECK(intake.last_tick_us() == 2'000'000);
}
