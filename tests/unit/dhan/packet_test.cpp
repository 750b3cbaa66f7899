#include "dhan/packet.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace ltp;
using namespace ltp::dhan;

TEST_CASE("decode_packet reads a ticker", "[dhan]") {
  // code | length | segment | id 1333 | 1612.55 | 1720000000 s
  const auto packet = decode_packet(from_hex("02 1000 01 35050000 9a91c944 001e8566"));
  REQUIRE(packet);
  const auto& ticker = std::get<Ticker>(packet.value().body);
  CHECK(packet.value().header.security_id == 1333);
  CHECK(ticker.ltp == 1612.55f);
  CHECK(ticker.trade_time_raw == 1720000000);
}

TEST_CASE("decode_packet reads a quote: sell before buy; open, close, high, low", "[dhan]") {
  const auto packet = decode_packet(from_hex(
      "04 3200 01 450b0000"
      "00803b44 0a00 001e8566 00003b44 01000000 02000000 03000000"  // 750, 10, time, 748, 1, 2, 3
      "00403b44 00c03a44 00003c44 00803a44"));                        // 749, 747, 752, 746
  REQUIRE(packet);
  const auto& quote = std::get<Quote>(packet.value().body);
  CHECK(quote.ltp == 750.f);
  CHECK(quote.day.last_qty == 10);
  CHECK(quote.day.average_price == 748.f);
  CHECK(quote.day.volume == 1);
  CHECK(quote.day.sell_qty == 2);
  CHECK(quote.day.buy_qty == 3);
  CHECK(quote.day.open == 749.f);
  CHECK(quote.day.close == 747.f);
  CHECK(quote.day.high == 752.f);
  CHECK(quote.day.low == 746.f);
}

TEST_CASE("decode_packet answers bad input with an error", "[dhan]") {
  struct Case { const char* why; const char* hex; DecodeError want; };
  const auto c = GENERATE(values<Case>({
      {"empty message",      "",                                    DecodeError::kTruncated},
      {"half a header",      "02 1000 01",                          DecodeError::kTruncated},
      {"header, no body",    "02 1000 01 35050000",                 DecodeError::kTruncated},
      {"one byte short",     "02 1000 01 35050000 9a91c944 001e85", DecodeError::kTruncated},
      {"code from tomorrow", "63 0800 01 35050000",                 DecodeError::kUnknownCode},
      {"heartbeat",          "00 0800 00 00000000",                 DecodeError::kUnknownCode},
  }));
  INFO(c.why);
  const auto packet = decode_packet(from_hex(c.hex));
  REQUIRE_FALSE(packet);
  CHECK(packet.error() == c.want);
}

TEST_CASE("append_packet writes what the table says", "[dhan]") {
  const auto bytes = [](const Packet& packet) {
    std::string out;
    append_packet(out, packet);
    const auto* data = reinterpret_cast<const std::byte*>(out.data());
    return std::vector<std::byte>(data, data + out.size());
  };
  const auto header = [](Code code, std::uint8_t segment, std::uint32_t id) {
    return Header{static_cast<std::uint8_t>(code), 0, segment, id};
  };
  CHECK(bytes({header(Code::kTicker, 1, 1333), Ticker{1612.55f, 1720000000}}) ==
        from_hex("02 1000 01 35050000 9a91c944 001e8566"));
  CHECK(bytes({header(Code::kPrevClose, 2, 1), PrevClose{750.f, 7}}) ==
        from_hex("06 1000 02 01000000 00803b44 07000000"));
  CHECK(bytes({header(Code::kOpenInterest, 2, 1), OpenInterest{258}}) ==
        from_hex("05 0c00 02 01000000 02010000"));
  CHECK(bytes({header(Code::kMarketStatus, 0, 0), MarketStatus{}}) ==
        from_hex("07 0800 00 00000000"));
  CHECK(bytes({header(Code::kDisconnect, 0, 0), Disconnect{805}}) ==
        from_hex("32 0a00 00 00000000 2503"));
}

TEST_CASE("a packet that was written reads back the same", "[dhan]") {
  // The day and the depth have every number different, so that no two can be swapped.
  const DayFigures day{.last_qty = 1, .volume = 2, .sell_qty = 3, .buy_qty = 4,
                       .average_price = 5, .open = 6, .high = 7, .low = 8, .close = 9};
  Full full{.ltp = 10, .trade_time_raw = 11, .day = day, .open_interest = 12,
            .oi_day_high = 13, .oi_day_low = 14};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto n = static_cast<std::uint16_t>(20 + 6 * i);
    full.depth[i] = {static_cast<float>(n), static_cast<float>(n + 1), n + 2u, n + 3u,
                     static_cast<std::uint16_t>(n + 4), static_cast<std::uint16_t>(n + 5)};
  }
  std::string out;
  append_packet(out, {{8, 0, 1, 2885}, full});
  REQUIRE(out.size() == 162);
  const auto packet = decode_packet(std::as_bytes(std::span(out)));
  REQUIRE(packet);
  CHECK(packet.value().header.length == 162);
  const auto& got = std::get<Full>(packet.value().body);
  CHECK(got.day.last_qty == 1);
  CHECK(got.day.sell_qty == 3);
  CHECK(got.day.close == 9);
  CHECK(got.oi_day_low == 14);
  CHECK(got.depth[4].bid_price == 44);
  CHECK(got.depth[4].ask_orders == 49);
}

TEST_CASE("trade times are the Indian wall clock counted as UTC", "[dhan]") {
  CHECK(trade_time_utc(1767608130) == 1767588330);  // 10:15:30 in India
  CHECK(trade_time_raw(1767588330) == 1767608130);
  CHECK_FALSE(trade_time_utc(0));
  CHECK_FALSE(trade_time_utc(315532800));
  CHECK(trade_time_utc(315532801) == 315513001);
  CHECK(trade_time_utc(0xffffffff) == 4294947495);
}
