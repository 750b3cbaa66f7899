#include "dhan/packet.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

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

TEST_CASE("decode_packet reads the small packets", "[dhan]") {
  const auto interest = decode_packet(from_hex("05 0c00 02 00d20000 01020384"));
  REQUIRE(interest);
  CHECK(std::get<OpenInterest>(interest.value().body).open_interest == 0x84030201);
  CHECK(interest.value().header.segment == 2);
  CHECK(interest.value().header.security_id == 53760);

  const auto close = decode_packet(from_hex("06 1000 00 0d000000 00803b44 07000000"));
  REQUIRE(close);
  CHECK(std::get<PrevClose>(close.value().body).price == 750.f);
  CHECK(std::get<PrevClose>(close.value().body).open_interest == 7);

  const auto status = decode_packet(from_hex("07 0800 01 00000000"));
  REQUIRE(status);
  CHECK(std::holds_alternative<MarketStatus>(status.value().body));

  const auto disconnect = decode_packet(from_hex("32 0a00 00 00000000 2503"));
  REQUIRE(disconnect);
  CHECK(std::get<Disconnect>(disconnect.value().body).reason == 805);  // not 9475

  const auto index = decode_packet(from_hex("01 1000 00 0d000000 00803b44 07000000"));
  REQUIRE(index);
  CHECK(std::holds_alternative<Index>(index.value().body));
}

namespace {

// Price 749.5 down to 747.5 to buy, 750.5 up to 752.5 to sell, half a rupee a level;
// each level: quantities to buy and sell, orders to buy and sell, prices.
constexpr auto kBook =
    "64000000 65000000 0100 0b00 00603b44 00a03b44"
    "c8000000 c9000000 0200 0c00 00403b44 00c03b44"
    "2c010000 2d010000 0300 0d00 00203b44 00e03b44"
    "90010000 91010000 0400 0e00 00003b44 00003c44"
    "f4010000 f5010000 0500 ffff 00e03a44 00203c44";

void check_book(const Depth& book) {
  struct Row { float bid, ask; std::uint32_t bid_qty, ask_qty; int bid_orders, ask_orders; };
  constexpr Row kRows[] = {{749.5f, 750.5f, 100, 101, 1, 11},
                           {749.0f, 751.0f, 200, 201, 2, 12},
                           {748.5f, 751.5f, 300, 301, 3, 13},
                           {748.0f, 752.0f, 400, 401, 4, 14},
                           {747.5f, 752.5f, 500, 501, 5, 65535}};
  for (std::size_t i = 0; i < book.size(); ++i) {
    INFO("level " << i);
    CHECK(book[i].bid_price == kRows[i].bid);
    CHECK(book[i].ask_price == kRows[i].ask);
    CHECK(book[i].bid_qty == kRows[i].bid_qty);
    CHECK(book[i].ask_qty == kRows[i].ask_qty);
    CHECK(book[i].bid_orders == kRows[i].bid_orders);
    CHECK(book[i].ask_orders == kRows[i].ask_orders);
  }
}

// A full packet: 750, 10, 1720000000 s, 748, volume 1, sell 2, buy 3, interest 4, its high 5
// and low 6, open 749, close 747, high 752, low 746, the book.
const std::string kFullHex = std::string(
    "08 a200 01 450b0000"
    "00803b44 0a00 001e8566 00003b44 01000000 02000000 03000000"
    "04000000 05000000 06000000"
    "00403b44 00c03a44 00003c44 00803a44") + kBook;
const std::string kDepth5Hex = std::string("03 7000 01 450b0000 00803b44") + kBook;

}  // namespace

TEST_CASE("decode_packet reads a full packet", "[dhan]") {
  const auto packet = decode_packet(from_hex(kFullHex));
  REQUIRE(packet);
  CHECK(packet.value().header.length == 162);
  const auto& full = std::get<Full>(packet.value().body);
  CHECK(full.ltp == 750.f);
  CHECK(full.trade_time_raw == 1720000000);
  CHECK(full.day.last_qty == 10);
  CHECK(full.day.average_price == 748.f);
  CHECK(full.day.volume == 1);
  CHECK(full.day.sell_qty == 2);
  CHECK(full.day.buy_qty == 3);
  CHECK(full.open_interest == 4);
  CHECK(full.oi_day_high == 5);
  CHECK(full.oi_day_low == 6);
  CHECK(full.day.open == 749.f);
  CHECK(full.day.close == 747.f);
  CHECK(full.day.high == 752.f);
  CHECK(full.day.low == 746.f);
  check_book(full.depth);
}

TEST_CASE("decode_packet reads the depth of the first version", "[dhan]") {
  const auto packet = decode_packet(from_hex(kDepth5Hex));
  REQUIRE(packet);
  const auto& depth = std::get<Depth5>(packet.value().body);
  CHECK(depth.ltp == 750.f);
  check_book(depth.depth);
}

TEST_CASE("decode_packet needs the whole packet and not a byte more", "[dhan]") {
  struct Case { int code; std::size_t size; };  // section 3.2 of the broker's packets
  const auto c = GENERATE(values<Case>({{1, 16}, {2, 16}, {3, 112}, {4, 50}, {5, 12},
                                        {6, 16}, {7, 8}, {8, 162}, {50, 10}}));
  INFO("code " << c.code);
  CHECK(packet_size(static_cast<std::uint8_t>(c.code)) == c.size);
  std::vector<std::byte> bytes(c.size);
  bytes[0] = static_cast<std::byte>(c.code);
  CHECK(decode_packet(bytes));
  bytes.pop_back();
  const auto cut = decode_packet(bytes);
  REQUIRE_FALSE(cut);
  CHECK(cut.error() == DecodeError::kTruncated);
}

TEST_CASE("codes of no packet have no size", "[dhan]") {
  for (const int code : {0, 9, 15, 41, 49, 51, 255}) {
    INFO(code);
    CHECK_FALSE(packet_size(static_cast<std::uint8_t>(code)));
  }
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

TEST_CASE("a packet that was read is written back to the same bytes", "[dhan]") {
  const auto hex = GENERATE(
      as<std::string>{}, kFullHex, kDepth5Hex,
      "04 3200 01 450b0000 00803b44 0a00 001e8566 00003b44 01000000 02000000 03000000"
      "00403b44 00c03a44 00003c44 00803a44",
      "02 1000 01 35050000 9a91c944 001e8566", "01 1000 00 0d000000 00000000 00000000",
      "05 0c00 02 00d20000 01020384", "06 1000 00 0d000000 00803b44 07000000",
      "07 0800 01 00000000", "32 0a00 00 00000000 2503");
  INFO(hex);
  const auto bytes = from_hex(hex);
  const auto packet = decode_packet(bytes);
  REQUIRE(packet);
  std::string out = "kept";
  append_packet(out, packet.value());
  REQUIRE(out.starts_with("kept"));
  const auto written = std::as_bytes(std::span(out)).subspan(4);
  CHECK(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()));
}

TEST_CASE("append_packet writes the length itself", "[dhan]") {
  std::string out;
  append_packet(out, {{.code = 2, .length = 9999, .segment = 1, .security_id = 1}, Ticker{}});
  CHECK(out.size() == 16);
  CHECK(out[1] == 16);
  CHECK(out[2] == 0);
}

TEST_CASE("trade times are the Indian wall clock counted as UTC", "[dhan]") {
  CHECK(trade_time_utc(1767608130) == 1767588330);  // 10:15:30 in India
  CHECK(trade_time_raw(1767588330) == 1767608130);
  CHECK_FALSE(trade_time_utc(0));
  CHECK_FALSE(trade_time_utc(315532800));
  CHECK(trade_time_utc(315532801) == 315513001);
  CHECK(trade_time_utc(0xffffffff) == 4294947495);
}

TEST_CASE("a price is finite and above zero", "[dhan]") {
  using Limits = std::numeric_limits<float>;
  for (const float price : {0.05f, 1393.4f, Limits::denorm_min(), Limits::max()})
    CHECK(is_price(price));
  for (const float none : {0.f, -0.f, -0.01f, -Limits::infinity(), Limits::infinity(),
                           Limits::quiet_NaN()})
    CHECK_FALSE(is_price(none));
}
