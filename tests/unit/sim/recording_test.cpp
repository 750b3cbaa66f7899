#include "recording.hpp"

#include "base/fault.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace ltp;
using namespace ltp::sim;

namespace {

Recording read(const std::string& text) {
  std::istringstream lines(text);
  return read_recording(lines, "file");
}

}  // namespace

TEST_CASE("ticks are read in order, prices to the nearest binary32", "[sim][recording]") {
  const auto recording = read(
      R"({"instrument_key":"NSE_EQ:2885","ltp":2847.35})" "\n\n"
      R"({"type":"feed_status","state":"connected"})" "\n"
      R"({"type":"screener_ltp_update","instrument_key":"nse_eq:2885","ltp":"0.05"})" "\n"
      R"({"instrument_key":"IDX_I:13","ltp":100000})");
  REQUIRE(recording.size() == 2);
  const auto& shares = recording.at({Segment::kNseEq, 2885});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].price == 2847.35f);
  CHECK(shares[1].price == 0.05f);
  CHECK(recording.at({Segment::kIdxI, 13})[0].price == 100000.f);
}

TEST_CASE("a bar becomes four trades by the shorter way, its volume spread", "[sim][recording]") {
  struct Case { const char* prices; std::vector<float> want; };
  const auto c = GENERATE(values<Case>({
      {R"("open":"10","high":"11","low":"7","close":"8")", {10, 11, 7, 8}},
      {R"("open":"10","high":"14","low":"9","close":"13")", {10, 9, 14, 13}},
      // The high is nearer to the open, but by the low first the way is 7.5, not 8.5.
      {R"("open":"10","high":"11","low":"7","close":"10.5")", {10, 7, 11, 10.5f}},
  }));
  const auto recording =
      read(std::string(R"({"symbol":"YESBANK",)") + c.prices + R"(,"volume":7})");
  const auto& trades = recording.at({Segment::kNseEq, 11915});
  REQUIRE(trades.size() == 4);
  std::uint32_t volume = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(trades[i].price == c.want[i]);
    volume += trades[i].quantity;
  }
  CHECK(volume == 7);
}

TEST_CASE("a line that cannot be played is named", "[sim][recording]") {
  struct Case { const char* line; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"nonsense", "file:2: no JSON object"},
      {"[]", "file:2: no JSON object"},
      {"{}", "file:2: neither a bar"},
      {R"({"instrument_key":"FOO:1","ltp":1})", "file:2: 'instrument_key' is not SEGMENT:ID"},
      {R"({"instrument_key":"IDX_I:1"})", "file:2: 'ltp' is missing"},
      {R"({"instrument_key":"IDX_I:1","ltp":"1x"})", "file:2: 'ltp' is no price"},
      {R"({"instrument_key":"IDX_I:1","ltp":-1})", "file:2: 'ltp' is no price"},
      {R"({"instrument_key":"IDX_I:1","ltp":1e99})", "file:2: 'ltp' is no price"},
      {R"({"symbol":"NOBODY","open":"1"})", "file:2: the symbol 'NOBODY' is not known here"},
      {R"({"symbol":"TCS","open":"1","high":"1","low":"1","close":"1"})",
       "file:2: 'volume' is no number"},
      {R"({"symbol":"TCS","open":"3","high":"2","low":"1","close":"1","volume":1})",
       "file:2: 'open' or 'close' is not between"},
      {R"({"instrument_key":"IDX_I:1","ltp":10000000})", "file:2: 'ltp' is no price"},
  }));
  INFO(c.line);
  try {
    read(R"({"instrument_key":"IDX_I:1","ltp":1})" "\n" + std::string(c.line));
    FAIL("accepted");
  } catch (const StartError& error) {
    CHECK(error.fault() == Fault::kBadInput);
    CHECK(std::string(error.what()).starts_with(c.said));
  }
  CHECK_THROWS_WITH(read("\n"), "file has no price to play");
}
