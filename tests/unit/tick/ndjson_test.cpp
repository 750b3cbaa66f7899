#include "json/json.hpp"
#include "tick/ndjson.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using namespace ltp;

namespace {

/// The example of ltp-tick(5): received at 10:15:30 in India, traded a second before.
Tick example() {
  return {.instrument = {Segment::kNseEq, 2885},
          .symbol = "RELIANCE",
          .kind = TickKind::kQuote,
          .source = Source::kWebsocket,
          .ltp = 1393.4f,
          .trade_time_s = 1767588329,
          .recv_us = 1767588330123456,
          .seq = 81234,
          .day = DayFigures{.last_qty = 12,
                            .volume = 4567890,
                            .sell_qty = 120334,
                            .buy_qty = 81520,
                            .average_price = 1391.07f,
                            .open = 1388.f,
                            .high = 1397.2f,
                            .low = 1385.55f,
                            .close = 1381.2f},
          .prev_close = 1381.2f};
}

std::string line_of(const Tick& tick) {
  std::string out;
  ndjson::append_tick(out, tick);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out;
  ndjson::append_string(out, text);
  return out;
}

}  // namespace

TEST_CASE("a quote's line: the contract's fields in its order, then ours", "[tick]") {
  CHECK(line_of(example()) ==
        R"({"type":"screener_ltp_update","symbol":"RELIANCE","instrument_id":null,)"
        R"("instrument_key":"NSE_EQ:2885","ltp":1393.4,"timestamp":"2026-01-05T10:15:30+05:30",)"
        R"("source":"websocket","tick_kind":"quote","volume":4567890,"day_open":1388,)"
        R"("day_high":1397.2,"day_low":1385.55,"segment":"NSE_EQ","security_id":"2885",)"
        R"("ltt":"2026-01-05T10:15:29+05:30","recv_us":1767588330123456,"seq":81234,)"
        R"("prev_close":1381.2,"close":1381.2,"average_price":1391.07,"last_qty":12,)"
        R"("buy_qty":81520,"sell_qty":120334})"
        "\n");
}

TEST_CASE("of a replayed tick the timestamp is the recorded one, recv_us is not", "[tick]") {
  auto tick = example();
  tick.source = Source::kReplay;
  tick.recorded_us = tick.recv_us;
  tick.recv_us = 1800000000000001;
  const auto line = line_of(tick);
  CHECK(line.find(R"("timestamp":"2026-01-05T10:15:30+05:30","source":"replay")") !=
        std::string::npos);
  CHECK(line.find(R"("recv_us":1800000000000001,)") != std::string::npos);
}

TEST_CASE("a ticker's line has no day, and its own text for a symbol", "[tick]") {
  auto tick = example();
  tick.symbol = {};
  tick.kind = TickKind::kTicker;
  tick.source = Source::kSimulator;
  tick.day.reset();
  tick.prev_close.reset();
  tick.trade_time_s.reset();
  tick.seq = 1;
  CHECK(line_of(tick) ==
        R"({"type":"screener_ltp_update","symbol":"NSE_EQ:2885","instrument_id":null,)"
        R"("instrument_key":"NSE_EQ:2885","ltp":1393.4,"timestamp":"2026-01-05T10:15:30+05:30",)"
        R"("source":"simulator","tick_kind":"ticker","volume":null,"day_open":null,)"
        R"("day_high":null,"day_low":null,"segment":"NSE_EQ","security_id":"2885",)"
        R"("ltt":null,"recv_us":1767588330123456,"seq":1})"
        "\n");
}

TEST_CASE("a full packet's line adds open interest and the book", "[tick]") {
  auto tick = example();
  const std::array<DepthLevel, 5> book{{
      {1393.35f, 1393.4f, 1500, 900, 12, 7},
      {1393.3f, 1393.45f, 640, 2210, 5, 18},
      {1393.25f, 1393.5f, 4294967295, 1, 65535, 1},
      {0, -0.01f, 0, 0, 0, 0},  // both ways in which the broker says "no order"
      {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1, 2, 3, 4},
  }};
  tick.kind = TickKind::kFull;
  tick.source = Source::kReplay;
  tick.open_interest = 0;
  tick.depth = &book;
  const auto line = line_of(tick);
  const std::string_view tail =
      R"("sell_qty":120334,"open_interest":0,"depth":[)"
      R"({"bid_price":1393.35,"bid_qty":1500,"bid_orders":12,"ask_price":1393.4,"ask_qty":900,"ask_orders":7},)"
      R"({"bid_price":1393.3,"bid_qty":640,"bid_orders":5,"ask_price":1393.45,"ask_qty":2210,"ask_orders":18},)"
      R"({"bid_price":1393.25,"bid_qty":4294967295,"bid_orders":65535,"ask_price":1393.5,"ask_qty":1,"ask_orders":1},)"
      R"({"bid_price":null,"bid_qty":0,"bid_orders":0,"ask_price":null,"ask_qty":0,"ask_orders":0},)"
      R"({"bid_price":null,"bid_qty":1,"bid_orders":3,"ask_price":null,"ask_qty":2,"ask_orders":4}]})"
      "\n";
  CHECK(line.ends_with(tail));
  CHECK(line.find(R"("source":"replay","tick_kind":"full",)") != std::string::npos);
}

TEST_CASE("a day that the broker left empty has nulls for prices", "[tick]") {
  auto tick = example();
  tick.day = DayFigures{};
  tick.prev_close.reset();
  const auto line = line_of(tick);
  CHECK(line.find(R"("volume":0,"day_open":null,"day_high":null,"day_low":null,)") != std::string::npos);
  CHECK(line.ends_with(
      R"("close":null,"average_price":null,"last_qty":0,"buy_qty":0,"sell_qty":0})" "\n"));
}

TEST_CASE("the largest numbers keep the line a JSON object", "[tick]") {
  auto tick = example();
  tick.instrument = {Segment::kBseCurrency, 4294967295};
  tick.ltp = std::numeric_limits<float>::max();
  tick.trade_time_s = std::numeric_limits<std::int64_t>::max();
  tick.recv_us = std::numeric_limits<std::int64_t>::min();
  tick.seq = std::numeric_limits<std::uint64_t>::max();
  tick.day->high = std::numeric_limits<float>::infinity();
  const auto json = parse_json(line_of(tick));
  CHECK((json.at("security_id") == "4294967295"));
  CHECK((json.at("seq") == 18446744073709551615u));
  CHECK(json.at("day_high").is_null());
  CHECK((json.at("ltt") == "9999-12-31T23:59:59+05:30"));
}

TEST_CASE("a symbol of any bytes keeps the line one JSON object on one line", "[tick]") {
  struct Case { const char* why; std::string_view symbol; std::string_view text; };
  const auto c = GENERATE(values<Case>({
      {"plain", "M&M", R"("M&M")"},
      {"quotes and backslash", R"(a"b\c)", R"("a\"b\\c")"},
      {"end of a string and more", R"(","ltp":0,"x":")", R"("\",\"ltp\":0,\"x\":\"")"},
      {"newline, CR, tab", "a\nb\rc\td", R"("a\u000ab\u000dc\u0009d")"},
      {"zero byte", {"a\0b", 3}, R"("a\u0000b")"},
      {"last control byte, then DEL", "\x1f\x7f", "\"\\u001f\x7f\""},
      {"markup stays: the page escapes it", "</script><b>", R"("</script><b>")"},
      {"right to left", "\u202eabc\u05d0", "\"\u202eabc\u05d0\""},
      {"two, three, four bytes", "\u00e9\u20b9\U0001f4c8", "\"\u00e9\u20b9\U0001f4c8\""},
      {"a byte from nowhere", "a\xff" "b", "\"a\ufffd" "b\""},
      {"a tail alone", "\x80", "\"\ufffd\""},
      {"cut in the middle", "\xe2\x82", "\"\ufffd\ufffd\""},
      {"cut before a letter", "\xe2\x82" "A", "\"\ufffd\ufffd" "A\""},
      {"overlong slash", "\xc0\xaf", "\"\ufffd\ufffd\""},
      {"overlong in three", "\xe0\x80\xaf", "\"\ufffd\ufffd\ufffd\""},
      {"the last overlong in three", "\xe0\x9f\xbf", "\"\ufffd\ufffd\ufffd\""},
      {"U+0080, U+0800, U+10000", "\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80",
       "\"\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\""},
      {"the last overlong in four", "\xf0\x8f\xbf\xbf", "\"\ufffd\ufffd\ufffd\ufffd\""},
      {"overlong in four", "\xf0\x80\x80\xaf", "\"\ufffd\ufffd\ufffd\ufffd\""},
      {"a surrogate", "\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\""},
      {"past U+10FFFF", "\xf4\x90\x80\x80", "\"\ufffd\ufffd\ufffd\ufffd\""},
      {"U+10FFFF", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
      {"U+D7FF and U+E000", "\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\""},
  }));
  INFO(c.why);
  CHECK(quoted(c.symbol) == c.text);

  auto tick = example();
  tick.symbol = c.symbol;
  const auto line = line_of(tick);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(line.starts_with(std::string(R"({"type":"screener_ltp_update","symbol":)") + std::string(c.text)));
  CHECK_FALSE(parse_json(line).is_discarded());
}

TEST_CASE("every pair of bytes makes a string that another parser reads", "[tick]") {
  int refused = 0;
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
      refused += parse_json(quoted({pair, 2})).is_discarded();
    }
  CHECK(refused == 0);
}

TEST_CASE("lines are appended", "[tick]") {
  std::string out = "kept\n";
  ndjson::append_tick(out, example());
  CHECK(out == "kept\n" + line_of(example()));
}

TEST_CASE("a status line tells the state, and why only if there is a why", "[tick]") {
  std::string out;
  ndjson::append_status(out, {.state = "disconnected",
                              .reason = "access token expired (807)",
                              .code = 807,
                              .source = Source::kWebsocket,
                              .subscriptions = 200,
                              .instruments = 7000,
                              .connections = 1,
                              .connections_wanted = 2,
                              .reconnects = 3,
                              .last_frame_age_ms = 12,
                              .last_tick_age_ms = 61000,
                              .now_us = 1767588330123456});
  CHECK(out ==
        R"~({"type":"feed_status","state":"disconnected","reason":"access token expired (807)",)~"
        R"("code":807,"source":"websocket","subscriptions":200,"instruments":7000,"connections":1,)"
        R"("connections_wanted":2,"reconnects":3,"last_frame_age_ms":12,"last_tick_age_ms":61000,)"
        R"("timestamp":"2026-01-05T10:15:30+05:30","recv_us":1767588330123456})"
        "\n");
  out.clear();
  ndjson::append_status(out, {.state = "connected",
                              .market = Segment::kNseFno,
                              .source = Source::kSimulator,
                              .subscriptions = 0,
                              .reconnects = 0,
                              .now_us = 1767588330123456});
  CHECK(out ==
        R"({"type":"feed_status","state":"connected","reason":null,"market_status":"NSE_FNO",)"
        R"("source":"simulator","subscriptions":0,"instruments":0,"connections":0,)"
        R"("connections_wanted":0,"reconnects":0,"last_frame_age_ms":null,"last_tick_age_ms":null,)"
        R"("timestamp":"2026-01-05T10:15:30+05:30","recv_us":1767588330123456})"
        "\n");
  out.clear();
  ndjson::append_status(out, {.state = "disconnected",
                              .reason = "he said \"no\"\n\xff",
                              .source = Source::kWebsocket,
                              .now_us = 0});
  CHECK(out.find("\"reason\":\"he said \\\"no\\\"\\u000a\ufffd\",") != std::string::npos);
  CHECK(out.find('\n') == out.size() - 1);
}

TEST_CASE("a gap line tells from when to when ticks may be missing", "[tick]") {
  std::string out;
  ndjson::append_gap(out, {.from_us = 1767588330123456,
                           .to_us = 1767588391000001,
                           .reason = "the connection broke",
                           .source = Source::kWebsocket,
                           .instruments = 200});
  CHECK(out ==
        R"({"type":"gap","from":"2026-01-05T10:15:30+05:30","to":"2026-01-05T10:16:31+05:30",)"
        R"("reason":"the connection broke","source":"websocket","instruments":200,)"
        R"("from_us":1767588330123456,"to_us":1767588391000001})"
        "\n");
}

TEST_CASE("kinds and sources have their words", "[tick]") {
  CHECK(to_text(TickKind::kTicker) == "ticker");
  CHECK(to_text(TickKind::kQuote) == "quote");
  CHECK(to_text(TickKind::kFull) == "full");
  CHECK(to_text(Source::kWebsocket) == "websocket");
  CHECK(to_text(Source::kSimulator) == "simulator");
  CHECK(to_text(Source::kReplay) == "replay");
}
