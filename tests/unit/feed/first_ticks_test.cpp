#include "first_ticks.hpp"

#include "base/unique_fd.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>

using namespace ltp;
using namespace ltp::feed;
using std::chrono::milliseconds;

namespace {

constexpr Instrument kReliance{Segment::kNseEq, 2885};
constexpr Instrument kOther{Segment::kNseEq, 7};
constexpr Instrument kCrude{Segment::kMcxComm, 435697};
constexpr std::int64_t kMondayAt9_15_s = 1'795'405'500;  // 2026-11-23 09:15 in India

}  // namespace

TEST_CASE("who stays silent in an open market is named once", "[feed]") {
  loop::Loop loop;
  const UniqueFd nowhere(open("/dev/null", O_WRONLY));
  Output output(loop, nowhere.get(), Output::Policy::kLatest, [](const std::string&) {});
  Intake intake(output);
  WatchList watch;
  watch.add(kReliance, {});
  watch.add(kOther, {});
  watch.add(kCrude, {});
  intake.watch(watch);
  const auto parsed = parse_sessions(
      "calendar e NSE_EQ\nopen e mon-fri 09:15-15:30\ncalendar m MCX_COMM\nopen m sun 09:00-10:00",
      "hours");
  REQUIRE(parsed);
  const auto& hours = parsed.value();

  FirstTicks awaited;
  for (const auto instrument : {kReliance, kOther, kCrude}) awaited.await(instrument, 1'000);
  const auto late = [&](std::int64_t now_ms, std::int64_t utc_s) {
    return awaited.late(intake, hours, milliseconds{30'000}, now_ms, utc_s);
  };
  // Before the opening, and in its first half minute, however long ago it was asked for.
  CHECK(late(500'000, kMondayAt9_15_s - 1).empty());
  CHECK(late(530'000, kMondayAt9_15_s + 29).empty());
  // Ticker of 2885.
  intake.on_message(from_hex("02 1000 01 450b0000 9af53145 418f5b69"), true, 1);
  CHECK(late(531'000, kMondayAt9_15_s + 30) == std::vector{kOther});
  CHECK(late(600'000, kMondayAt9_15_s + 99).empty());
  // Asked for only now.
  awaited.forget(kOther);
  awaited.await(kOther, 600'000);
  CHECK(late(629'999, kMondayAt9_15_s + 129).empty());
  CHECK(late(630'000, kMondayAt9_15_s + 129) == std::vector{kOther});
}

TEST_CASE("ten are named and the others counted", "[feed]") {
  std::vector<Instrument> many;
  for (std::uint32_t id = 1; id <= 12; ++id) many.push_back({Segment::kIdxI, id});
  CHECK(name_some({many.begin(), many.begin() + 2}) == "IDX_I:1, IDX_I:2");
  CHECK(name_some(many) ==
        "IDX_I:1, IDX_I:2, IDX_I:3, IDX_I:4, IDX_I:5, IDX_I:6, IDX_I:7, IDX_I:8, IDX_I:9, "
        "IDX_I:10 and 2 more");
}
