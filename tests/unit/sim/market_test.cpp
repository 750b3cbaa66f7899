#include "market.hpp"

#include "dhan/frame.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ltp;
using namespace ltp::sim;

namespace {

constexpr std::int64_t kNow = 1767588330;

template <class Body>
Body only_packet(const std::string& bytes) {
  std::vector<dhan::Packet> packets;
  dhan::split(
      std::as_bytes(std::span(bytes)),
      [&](const dhan::Packet& packet, std::size_t) { packets.push_back(packet); },
      [](const dhan::IssueAt& at) { FAIL("issue " << dhan::to_text(at.issue)); });
  REQUIRE(packets.size() == 1);
  return std::get<Body>(packets[0].body);
}

bool on_the_tick(float price, double tick) {
  // Beyond some 20,000 rupees a binary32 is not as fine as the tick: the nearest one is.
  const double ticks = std::round(static_cast<double>(price) / tick);
  return std::abs(static_cast<double>(price) - ticks * tick) <= static_cast<double>(price) * 6e-8;
}

}  // namespace

TEST_CASE("a day is consistent at every moment, in every segment", "[sim][market]") {
  const auto seed = GENERATE(1u, 2u, 20260105u);
  const auto instrument = GENERATE(values<Instrument>({{Segment::kIdxI, 13},
                                                       {Segment::kNseEq, 2885},
                                                       {Segment::kNseFno, 49081},
                                                       {Segment::kNseCurrency, 1304},
                                                       {Segment::kBseEq, 500325},
                                                       {Segment::kMcxComm, 435697},
                                                       {Segment::kBseCurrency, 7},
                                                       {Segment::kBseFno, 8}}));
  INFO(to_text(instrument) << " seed " << seed);
  Market market(seed, {}, false);
  Day* opened = market.open_day(instrument, kNow);
  REQUIRE(opened != nullptr);
  const bool is_index = instrument.segment == Segment::kIdxI;
  const double tick = find_listing(instrument, seed)->tick_size;
  std::uint32_t volume = 0;
  std::uint32_t interest = 0;
  for (int step = 0; step < 2000; ++step) {
    std::string bytes;
    append_price(bytes, *opened, TickKind::kFull);
    const auto full = only_packet<dhan::Full>(bytes);
    const auto& day = full.day;
    REQUIRE(dhan::is_price(full.ltp));
    REQUIRE(on_the_tick(full.ltp, tick));
    REQUIRE(day.low <= std::min(full.ltp, day.open));
    REQUIRE(day.high >= std::max(full.ltp, day.open));
    REQUIRE(dhan::is_price(day.close));
    REQUIRE(day.volume >= volume);
    REQUIRE(full.open_interest >= interest);
    REQUIRE(dhan::trade_time_utc(full.trade_time_raw) == kNow + step);
    volume = day.volume;
    interest = full.open_interest;
    if (is_index) {
      REQUIRE(day.volume == 0);
      REQUIRE(full.depth[0].bid_price == 0);
    } else {
      REQUIRE(day.volume > 0);
      REQUIRE(day.average_price >= day.low);
      REQUIRE(day.average_price <= day.high);
      std::uint32_t buy = 0;
      std::uint32_t sell = 0;
      for (std::size_t i = 0; i < 5; ++i) {
        const auto& level = full.depth[i];
        buy += level.bid_qty;
        sell += level.ask_qty;
        REQUIRE(level.bid_price < level.ask_price);
        REQUIRE(level.bid_qty > 0);
        REQUIRE(level.ask_qty > 0);
        REQUIRE(on_the_tick(level.bid_price, tick));
        if (i == 0) continue;
        REQUIRE(level.bid_price < full.depth[i - 1].bid_price);
        REQUIRE(level.ask_price > full.depth[i - 1].ask_price);
      }
      REQUIRE(day.buy_qty >= buy);
      REQUIRE(day.sell_qty >= sell);
    }
    REQUIRE(market.trade(*opened, kNow + step + 1));
  }
}

TEST_CASE("the same seed gives the same prices, another seed others", "[sim][market]") {
  const auto walk = [](std::uint32_t seed) {
    Market market(seed, {}, false);
    std::string bytes;
    for (std::uint32_t id = 1; id <= 20; ++id) {
      Day* day = market.open_day({Segment::kNseEq, id}, kNow);
      market.trade(*day, kNow);
      append_price(bytes, *day, TickKind::kQuote);
    }
    return bytes;
  };
  CHECK((walk(5) == walk(5)));
  CHECK((walk(5) != walk(6)));
}

TEST_CASE("an instrument's prices do not depend on who else trades", "[sim][market]") {
  constexpr Instrument kOne{Segment::kNseEq, 2885};
  const auto walk = [&](std::uint32_t others) {
    Market market(1, {}, false);
    std::string bytes;
    Day* day = market.open_day(kOne, kNow);
    for (int step = 0; step < 100; ++step) {
      for (std::uint32_t id = 1; id <= others; ++id) {
        market.trade(*market.open_day({Segment::kNseFno, id}, kNow), kNow);
      }
      market.trade(*day, kNow);
      append_price(bytes, *day, TickKind::kFull);
    }
    return bytes;
  };
  CHECK((walk(0) == walk(20)));
}

TEST_CASE("a walk stays a tenth around the previous close, however cheap the paper",
          "[sim][market]") {
  const auto instrument = GENERATE(values<Instrument>(
      {{Segment::kNseEq, 11915}, {Segment::kNseCurrency, 10093}, {Segment::kMcxComm, 12}}));
  INFO(to_text(instrument));
  Market market(3, {}, false);
  Day* day = market.open_day(instrument, kNow);
  CHECK(day->lower_limit > day->prev_close * 0.89f);
  CHECK(day->upper_limit < day->prev_close * 1.11f);
  for (int step = 0; step < 20'000; ++step) market.trade(*day, kNow);
  CHECK(day->low >= day->lower_limit);
  CHECK(day->high <= day->upper_limit);
}

TEST_CASE("a recording plays each price once, then falls silent or begins again", "[sim][market]") {
  constexpr Instrument kCurrency{Segment::kNseCurrency, 1};
  const bool loop = GENERATE(false, true);
  Recording recording;
  recording[kCurrency] = {{83.2475f, 1}, {0.05f, 1}, {100000.f, 1}};
  Market market(1, recording, loop);
  Day* day = market.open_day(kCurrency, kNow);
  const auto price = [&] {
    std::string bytes;
    append_price(bytes, *day, TickKind::kTicker);
    return only_packet<dhan::Ticker>(bytes).ltp;
  };
  CHECK(price() == 83.2475f);
  CHECK(market.trade(*day, kNow));
  CHECK(price() == 0.05f);
  CHECK(market.trade(*day, kNow));
  CHECK(price() == 100000.f);
  CHECK(market.trade(*day, kNow) == loop);
  CHECK(price() == (loop ? 83.2475f : 100000.f));
}

TEST_CASE("an id that nobody lists has no day", "[sim][market]") {
  Market market(1, {}, false);
  CHECK(market.open_day({Segment::kNseEq, kUnknownIds}, kNow) == nullptr);
  CHECK(market.open_day({Segment::kNseEq, kUnknownIds - 1}, kNow) != nullptr);
}

TEST_CASE("beyond the most instruments a market holds, one more has no day", "[sim][market]") {
  Market market(1, {}, false);
  for (std::uint32_t id = 1; id <= Market::kMaxDays; ++id)
    market.open_day({Segment::kNseEq, id}, kNow);
  CHECK(market.open_day({Segment::kNseEq, Market::kMaxDays + 1}, kNow) == nullptr);
  CHECK(market.open_day({Segment::kNseEq, 1}, kNow) != nullptr);
}
