#include "dhan/assembler.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>

using namespace ltp;
using namespace ltp::dhan;

namespace {

Packet packet(Code code, Body body, std::uint8_t segment = 1, std::uint32_t id = 2885) {
  return {{static_cast<std::uint8_t>(code), 0, segment, id}, std::move(body)};
}

}  // namespace

TEST_CASE("previous close and open interest wait for the next price", "[dhan]") {
  Assembler assembler(Source::kSimulator);
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{1381.2f, 0}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kOpenInterest, OpenInterest{77}), 2));
  const auto tick = assembler.add(packet(Code::kTicker, Ticker{1393.4f, 1767608130}), 3);
  REQUIRE(tick);
  CHECK(tick->instrument == Instrument{Segment::kNseEq, 2885});
  CHECK(tick->kind == TickKind::kTicker);
  CHECK(tick->source == Source::kSimulator);
  CHECK(tick->ltp == 1393.4f);
  CHECK(tick->prev_close == 1381.2f);
  CHECK(tick->open_interest == 77u);
  CHECK(tick->trade_time_s == 1767588330);
  CHECK(tick->recv_us == 3);
  CHECK(tick->seq == 1);
  CHECK_FALSE(tick->day);

  // Another instrument knows nothing of it.
  const auto other = assembler.add(packet(Code::kTicker, Ticker{1, 0}, 4), 4);
  REQUIRE(other);
  CHECK_FALSE(other->prev_close);
  CHECK_FALSE(other->trade_time_s);
  CHECK(other->seq == 2);
}

TEST_CASE("a packet without a price, name or id makes no tick", "[dhan]") {
  Assembler assembler(Source::kWebsocket);
  constexpr auto kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr auto kInf = std::numeric_limits<float>::infinity();
  for (const float price : {0.f, -0.f, -0.01f, kNan, kInf, -kInf}) {
    CHECK_FALSE(assembler.add(packet(Code::kTicker, Ticker{price, 1}), 1));
    CHECK_FALSE(assembler.add(packet(Code::kQuote, Quote{.ltp = price}), 1));
  }
  CHECK(assembler.without_price() == 12);
  CHECK_FALSE(assembler.add(packet(Code::kTicker, Ticker{1, 1}, 6), 1));
  CHECK_FALSE(assembler.add(packet(Code::kTicker, Ticker{1, 1}, 1, 0), 1));
  CHECK_FALSE(assembler.add(packet(Code::kMarketStatus, MarketStatus{}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kDisconnect, Disconnect{805}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{kNan, 0}), 1));
  const auto tick = assembler.add(packet(Code::kTicker, Ticker{1, 1}), 1);
  REQUIRE(tick);
  CHECK(tick->seq == 1);  // what made no tick was not counted
  CHECK_FALSE(tick->prev_close);
}

TEST_CASE("full packets bring depth and their own open interest", "[dhan]") {
  Assembler assembler(Source::kWebsocket);
  Full full{.ltp = 2, .open_interest = 9};
  full.depth[0].bid_price = 1.95f;
  const auto whole = packet(Code::kFull, full);
  const auto tick = assembler.add(whole, 1);
  REQUIRE(tick);
  CHECK(tick->open_interest == 9u);
  REQUIRE(tick->depth);
  CHECK((*tick->depth)[0].bid_price == 1.95f);
}

TEST_CASE("a full packet's open interest is its own, not the remembered one", "[dhan]") {
  Assembler assembler(Source::kWebsocket);
  CHECK_FALSE(assembler.add(packet(Code::kOpenInterest, OpenInterest{77}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{1.5f, 0}), 1));
  const auto tick = assembler.add(packet(Code::kFull, Full{.ltp = 2, .open_interest = 0}), 1);
  REQUIRE(tick);
  CHECK(tick->open_interest == 0u);
  CHECK(tick->prev_close == 1.5f);
}

TEST_CASE("a quote brings its day and remembers the newest previous close", "[dhan]") {
  Assembler assembler(Source::kReplay);
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{1.5f, 0}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{1.6f, 0}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{0, 0}), 1));  // no price: ignored
  const auto tick = assembler.add(
      packet(Code::kQuote, Quote{.ltp = 2, .trade_time_raw = 0, .day = {.volume = 9}}), 1);
  REQUIRE(tick);
  CHECK(tick->kind == TickKind::kQuote);
  CHECK(tick->source == Source::kReplay);
  REQUIRE(tick->day);
  CHECK(tick->day->volume == 9);
  CHECK(tick->prev_close == 1.6f);
  CHECK(tick->depth == nullptr);
  CHECK(assembler.without_price() == 0);
}

TEST_CASE("a price of depth in the old form or of an index makes no tick", "[dhan]") {
  Assembler assembler(Source::kWebsocket);
  CHECK_FALSE(assembler.add(packet(Code::kDepth5, Depth5{.ltp = 1}), 1));
  CHECK_FALSE(assembler.add(packet(Code::kIndex, Index{}), 1));
  CHECK(assembler.without_price() == 0);
}

TEST_CASE("a peer that makes ids up cannot fill the memory", "[dhan]") {
  Assembler assembler(Source::kWebsocket);
  constexpr auto kMost = static_cast<std::uint32_t>(Assembler::kMaxRemembered);
  const auto close_known_to = [&](std::uint32_t id) {
    return assembler.add(packet(Code::kTicker, Ticker{1, 1}, 1, id), 1)->prev_close;
  };
  for (std::uint32_t id = 1; id <= kMost + 1; ++id)
    CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{1.5f, 0}, 1, id), 1));
  CHECK(close_known_to(kMost) == 1.5f);
  CHECK_FALSE(close_known_to(kMost + 1));

  // Those that are in go on being renewed.
  CHECK_FALSE(assembler.add(packet(Code::kPrevClose, PrevClose{2.5f, 0}, 1, 1), 1));
  CHECK(close_known_to(1) == 2.5f);
}
