#include "tick/line.hpp"
#include "tick/ndjson.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

using namespace ltp;
using line::Reader;

namespace {

/// What was read, in words: "NSE_EQ:2885 1393.4 @5", "status up connected why", "other", "junk".
std::string told(const line::Line& read) {
  if (const auto* tick = std::get_if<line::TickLine>(&read)) {
    std::string text = to_text(tick->instrument) + " " + std::string(tick->ltp);
    if (tick->recv_us) text += " @" + std::to_string(*tick->recv_us);
    return text;
  }
  if (const auto* status = std::get_if<line::StatusLine>(&read))
    return std::string("status ") + (status->connected ? "up " : "down ") +
           std::string(status->state) + "/" + std::string(status->reason);
  const auto* other = std::get_if<line::OtherLine>(&read);
  if (other == nullptr) return "junk";
  return other->broken_tick ? "broken tick" : "other";
}

/// Reads in every way, each in a buffer of just the size that the header asks for, so that
/// a read past it is seen by the sanitizer. Both must say the same.
std::string read_all_ways(Reader& reader, std::string_view text) {
  const auto exact = std::make_unique<char[]>(text.size());
  text.copy(exact.get(), text.size());
  const auto copied = told(reader.read({exact.get(), text.size()}));

  const auto padded = std::make_unique<char[]>(text.size() + line::kPadding);
  text.copy(padded.get(), text.size());
  std::fill_n(padded.get() + text.size(), line::kPadding, '"');  // readable, not meaningful
  const auto in_place = told(reader.read_in_place({padded.get(), text.size()}));
  CHECK(copied == in_place);
  CHECK(copied == told(reader.parse_in_place({padded.get(), text.size()})));
  return copied;
}

std::string tick(std::string_view members) {
  return R"({"type":"screener_ltp_update",)" + std::string(members) + "}";
}

}  // namespace

TEST_CASE("a tick line gives its instrument, its price to the letter and its time", "[tick]") {
  struct Case { const char* why; std::string line; const char* want; };
  const auto c = GENERATE(values<Case>({
      {"the least", tick(R"("instrument_key":"NSE_EQ:2885","ltp":1393.4)"), "NSE_EQ:2885 1393.4"},
      {"with a time", tick(R"("instrument_key":"NSE_EQ:2885","ltp":1393.4,"recv_us":5)"),
       "NSE_EQ:2885 1393.4 @5"},
      {"any order", R"({"recv_us":5,"ltp":0.05,"instrument_key":"IDX_I:13","type":"screener_ltp_update"})",
       "IDX_I:13 0.05 @5"},
      {"newline", tick(R"("instrument_key":"NSE_EQ:1","ltp":2)") + "\n", "NSE_EQ:1 2"},
      {"CR LF", tick(R"("instrument_key":"NSE_EQ:1","ltp":2)") + "\r\n", "NSE_EQ:1 2"},
      {"blanks", " { \"type\" : \"screener_ltp_update\" ,\t\"instrument_key\" : \"NSE_EQ:1\" , \"ltp\" : 2 } ",
       "NSE_EQ:1 2"},
      {"blank before the comma", tick(R"("ltp": 2.50 ,"instrument_key":"NSE_EQ:1")"), "NSE_EQ:1 2.50"},
      {"zeros are kept", tick(R"("instrument_key":"NSE_EQ:1","ltp":3021.00)"), "NSE_EQ:1 3021.00"},
      {"whole", tick(R"("instrument_key":"NSE_EQ:1","ltp":100000)"), "NSE_EQ:1 100000"},
      {"exponent as it stands", tick(R"("instrument_key":"NSE_EQ:1","ltp":1.5e2)"), "NSE_EQ:1 1.5e2"},
      {"more digits than a double", tick(R"("instrument_key":"NSE_EQ:1","ltp":1.00000000000000000001)"),
       "NSE_EQ:1 1.00000000000000000001"},
      {"past 53 bits", tick(R"("instrument_key":"NSE_EQ:1","ltp":18446744073709551615)"),
       "NSE_EQ:1 18446744073709551615"},
      {"lower case", tick(R"("instrument_key":"nse_eq:1","ltp":2)"), "NSE_EQ:1 2"},
      {"time that is no whole number", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"recv_us":1.5)"),
       "NSE_EQ:1 2"},
      {"time below 0", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"recv_us":-1)"), "NSE_EQ:1 2 @-1"},
      {"time as text", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"recv_us":"5")"), "NSE_EQ:1 2"},
  }));
  INFO(c.why);
  Reader reader;
  CHECK(read_all_ways(reader, c.line) == c.want);
}

TEST_CASE("of a field that stands twice the last counts", "[tick]") {
  struct Case { const char* why; std::string line; const char* want; };
  const auto c = GENERATE(values<Case>({
      {"price", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"ltp":3)"), "NSE_EQ:1 3"},
      {"escaped name last", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"\u006ctp":3)"), "NSE_EQ:1 3"},
      {"escaped name first", tick(R"("instrument_key":"NSE_EQ:1","l\u0074p":2,"ltp":3)"), "NSE_EQ:1 3"},
      {"escaped name alone", tick(R"("instrument_key":"NSE_EQ:1","\u006c\u0074\u0070":4)"), "NSE_EQ:1 4"},
      {"then no price", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"ltp":null)"), "broken tick"},
      {"then a text", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"ltp":"3")"), "broken tick"},
      {"first a text", tick(R"("instrument_key":"NSE_EQ:1","ltp":"2","ltp":3)"), "NSE_EQ:1 3"},
      {"key", tick(R"("instrument_key":"NSE_EQ:1","instrument_key":"NSE_EQ:2","ltp":3)"), "NSE_EQ:2 3"},
      {"key, then none", tick(R"("instrument_key":"NSE_EQ:1","instrument_key":7,"ltp":3)"), "broken tick"},
      {"time, then none", tick(R"("instrument_key":"NSE_EQ:1","ltp":3,"recv_us":1,"recv_us":null)"),
       "NSE_EQ:1 3"},
      {"type", tick(R"("instrument_key":"NSE_EQ:1","ltp":3,"type":"gap")"), "other"},
      {"type, then none", tick(R"("instrument_key":"NSE_EQ:1","ltp":3,"type":1)"), "other"},
  }));
  INFO(c.why);
  Reader reader;
  CHECK(read_all_ways(reader, c.line) == c.want);
}

TEST_CASE("a name inside a value or a string is not the line's", "[tick]") {
  struct Case { const char* why; std::string line; const char* want; };
  const auto c = GENERATE(values<Case>({
      {"nested before", tick(R"("a":{"ltp":9,"b":[{"ltp":8}]},"instrument_key":"NSE_EQ:1","ltp":2)"),
       "NSE_EQ:1 2"},
      {"nested after", tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"a":[1,{"ltp":9}])"), "NSE_EQ:1 2"},
      {"only nested", tick(R"("instrument_key":"NSE_EQ:1","a":{"ltp":9})"), "broken tick"},
      {"in a string", tick(R"("s":"\"ltp\":9,","instrument_key":"NSE_EQ:1","ltp":2)"), "NSE_EQ:1 2"},
      {"a value that reads ltp", tick(R"("s":"ltp","instrument_key":"NSE_EQ:1","ltp":2)"), "NSE_EQ:1 2"},
      {"braces in strings", tick(R"("}]":"{[:","\\":"\\\"","instrument_key":"NSE_EQ:1","ltp":2)"),
       "NSE_EQ:1 2"},
      {"an empty name", tick(R"("":{"":[]},"instrument_key":"NSE_EQ:1","ltp":2,"":1)"), "NSE_EQ:1 2"},
      {"an escaped key", tick(R"("instrument_key":"NSE\u005fEQ:1","ltp":2)"), "NSE_EQ:1 2"},
  }));
  INFO(c.why);
  Reader reader;
  CHECK(read_all_ways(reader, c.line) == c.want);
}

TEST_CASE("a tick without a usable price or key is passed on as another line", "[tick]") {
  const auto members = GENERATE(as<std::string>{},
      R"("ltp":2)", R"("instrument_key":"NSE_EQ:1")", R"("instrument_key":"NSE_EQ:1","ltp":null)",
      R"("instrument_key":"NSE_EQ:1","ltp":0)", R"("instrument_key":"NSE_EQ:1","ltp":0.0)",
      R"("instrument_key":"NSE_EQ:1","ltp":-0.0)", R"("instrument_key":"NSE_EQ:1","ltp":-5)",
      R"("instrument_key":"NSE_EQ:1","ltp":"1393.4")", R"("instrument_key":"NSE_EQ:1","ltp":true)",
      R"("instrument_key":"NSE_EQ:1","ltp":[2])", R"("instrument_key":"NSE_EQ:1","ltp":{"ltp":2})",
      R"("instrument_key":"NSE_EQ:1","ltp":1e-400)",
      R"("instrument_key":"NSE_EQ:0","ltp":2)", R"("instrument_key":"RELIANCE","ltp":2)",
      R"("instrument_key":"","ltp":2)", R"("instrument_key":2885,"ltp":2)",
      R"("instrument_key":null,"ltp":2)", R"("instrument_key":"NSE_EQ:1\n","ltp":2)",
      R"("instrument_key":"NSE_EQ:1\u0000","ltp":2)");
  INFO(members);
  Reader reader;
  CHECK(read_all_ways(reader, tick(members)) == "broken tick");
}

TEST_CASE("a line of another type is another line", "[tick]") {
  const auto text = GENERATE(as<std::string>{},
      "{}", R"({"type":null})", R"({"ltp":2,"instrument_key":"NSE_EQ:1"})",
      R"({"type":"gap","from":1,"to":2})", R"({"type":"SCREENER_LTP_UPDATE","ltp":2})",
      R"({"type":"screener_ltp_update ","instrument_key":"NSE_EQ:1","ltp":2})",
      R"({"type":["screener_ltp_update"],"instrument_key":"NSE_EQ:1","ltp":2})",
      "{\n}\n");
  INFO(text);
  Reader reader;
  CHECK(read_all_ways(reader, text) == "other");
}

TEST_CASE("a feed's word about itself", "[tick]") {
  struct Case { const char* line; const char* want; };
  const auto c = GENERATE(values<Case>({
      {R"({"type":"feed_status","state":"connected","reason":null})", "status up connected/"},
      {R"~({"type":"feed_status","state":"disconnected","reason":"no data plan (806)"})~",
       "status down disconnected/no data plan (806)"},
      {R"({"type":"feed_status"})", "status down /"},
      {R"({"type":"feed_status","state":1,"reason":[]})", "status down /"},
      {R"({"type":"feed_status","state":"Connected"})", "status down Connected/"},
      {R"({"type":"feed_status","state":"connected","state":"disconnected"})", "status down disconnected/"},
      {R"({"state":"connected","type":"feed_status","reason":"a\nb"})", "status up connected/a\nb"},
  }));
  INFO(c.line);
  Reader reader;
  CHECK(read_all_ways(reader, c.line) == c.want);
}

TEST_CASE("what is not one whole JSON object is junk", "[tick]") {
  const auto text = GENERATE(values<std::string_view>({
      "", " ", "\n", "\r\n", "null", "1", "[]", "\"{}\"", "[{}]", "{", "}", "{}}", "{} {}", "{}\n{}",
      "{},", "not json", "{'a':1}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{a:1}",
      "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":NaN}", "{\"a\":Infinity}",
      "{\"a\":0x10}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
      "{\"a\":\"b}", "{\"a\":\"b\\\"}", "{\"a\":\"\xff\"}", "{\"\xc0\xaf\":1}", "{\"a\":\"\xed\xa0\x80\"}",
      "{\"a\":\"\xe2\x82\"}", "\xef\xbb\xbf{}", "{\"a\":1e400}", "{/**/}", "{}//",
      std::string_view("{}\0", 3), std::string_view("\0{}", 3), std::string_view("{\"a\":\"\0\"}", 9),
      R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":2)",
      R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":)",
      R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":2},)",
      R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":2,"x":"\)"}));
  INFO(text);
  Reader reader;
  CHECK(read_all_ways(reader, text) == "junk");
}

TEST_CASE("deep and long lines are read without harm, and the next one still is", "[tick]") {
  Reader reader;
  const auto good = tick(R"("instrument_key":"NSE_EQ:1","ltp":2)");
  const auto nested = [](std::size_t depth) {
    return tick(R"("instrument_key":"NSE_EQ:1","ltp":2,"a":)" + std::string(depth, '[') +
                std::string(depth, ']'));
  };
  CHECK(read_all_ways(reader, nested(500)) == "NSE_EQ:1 2");
  CHECK(read_all_ways(reader, nested(100'000)) == "junk");
  CHECK(read_all_ways(reader, std::string(1 << 20, '[')) == "junk");
  CHECK(read_all_ways(reader, good) == "NSE_EQ:1 2");

  const std::string megabyte(1 << 20, 'x');
  CHECK(read_all_ways(reader, tick("\"a\":\"" + megabyte + R"(","instrument_key":"NSE_EQ:1","ltp":2)")) ==
        "NSE_EQ:1 2");
  CHECK(read_all_ways(reader, megabyte) == "junk");
  CHECK(read_all_ways(reader, "{\"a\":\"" + megabyte) == "junk");
  std::string many = tick(R"("instrument_key":"NSE_EQ:1","ltp":1)");
  many.pop_back();
  for (int price = 2; price <= 10'000; ++price) many += ",\"ltp\":" + std::to_string(price);
  CHECK(read_all_ways(reader, many + "}") == "NSE_EQ:1 10000");
  CHECK(read_all_ways(reader, good) == "NSE_EQ:1 2");
}

TEST_CASE("a price points into the caller's line", "[tick]") {
  Reader reader;
  const auto text = tick(R"("instrument_key":"NSE_EQ:1","ltp":2.5)");
  const auto read = reader.read(text);
  const auto* price = std::get<line::TickLine>(read).ltp.data();
  CHECK(price == text.data() + text.find("2.5"));
  reader.read("{}");  // reading on does not take it away
  CHECK(std::get<line::TickLine>(read).ltp == "2.5");
}

TEST_CASE("a reader can be moved", "[tick]") {
  Reader first;
  CHECK(told(first.read("{}")) == "other");
  Reader second = std::move(first);
  CHECK(told(second.read("{}")) == "other");
  first = std::move(second);
  CHECK(told(first.read("[]")) == "junk");
}

TEST_CASE("what append_tick writes is read back", "[tick]") {
  std::string text;
  ndjson::append_tick(text, {.instrument = {Segment::kNseFno, 53760},
                             .symbol = "\"ltp\":9,{[",
                             .kind = TickKind::kTicker,
                             .source = Source::kSimulator,
                             .ltp = 83.2475f,
                             .recv_us = 1767588330123456,
                             .seq = 1});
  Reader reader;
  CHECK(read_all_ways(reader, text) == "NSE_FNO:53760 83.2475 @1767588330123456");
  text.clear();
  ndjson::append_status(text, {.state = "connected", .source = Source::kReplay, .now_us = 0});
  CHECK(read_all_ways(reader, text) == "status up connected/");
}
