#include "tick/line.hpp"
#include "tick/ndjson.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>

using namespace ltp;

namespace {

constexpr std::int64_t kNow_us = 1800000000000001;

/// The line as it is replayed, or "junk". In a buffer of just the size that is asked for.
std::string replayed(std::string_view text) {
  const auto buffer = std::make_unique<char[]>(text.size() + line::kPadding);
  text.copy(buffer.get(), text.size());
  const std::string_view line{buffer.get(), text.size()};
  line::Reader reader;
  const auto recorded = reader.read_recorded(line);
  if (!recorded) return "junk";
  std::string out;
  ndjson::append_replayed(out, line, *recorded, kNow_us);
  return out;
}

}  // namespace

TEST_CASE("a replayed line differs in its source and its receive time, in nothing else", "[tick]") {
  struct Case {
    const char* why;
    std::string line, want;
  };
  const auto c = GENERATE(values<Case>({
      {"as ltp-feed writes it",
       R"({"type":"screener_ltp_update","symbol":"RELIANCE","instrument_id":null,"instrument_key":"NSE_EQ:2885","ltp":1393.40,"timestamp":"2026-01-05T10:15:30+05:30","source":"websocket","tick_kind":"ticker","recv_us":1767588330123456,"seq":7})"
       "\n",
       R"({"type":"screener_ltp_update","symbol":"RELIANCE","instrument_id":null,"instrument_key":"NSE_EQ:2885","ltp":1393.40,"timestamp":"2026-01-05T10:15:30+05:30","source":"replay","tick_kind":"ticker","recv_us":1800000000000001,"seq":7})"
       "\n"},
      {"the other order, blanks, CR LF",
       "{ \"recv_us\" : 5 , \"source\" : \"simulator\" , \"type\" : \"feed_status\" }\r\n",
       "{ \"recv_us\" : 1800000000000001 , \"source\" : \"replay\" , \"type\" : \"feed_status\" "
       "}\r\n"},
      {"no source in a tick",
       R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":1})"
       "\n",
       R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":1,"source":"replay"})"
       "\n"},
      {"a source in a tick that is no text",
       R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","source":{"a":"}"}})",
       R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","source":{"a":"}"},"source":"replay"})"},
      {"no source in another line", R"({"type":"gap","from_us":1,"to_us":2})",
       R"({"type":"gap","from_us":1,"to_us":2})"},
      {"a source twice: the last counts", R"({"source":"a","source":"b"})",
       R"({"source":"a","source":"replay"})"},
      {"names inside texts and deeper objects",
       R"({"symbol":"\"source\":\"x\",","depth":[{"source":"y","recv_us":1}],"source":"z\"","recv_us":-3})",
       R"({"symbol":"\"source\":\"x\",","depth":[{"source":"y","recv_us":1}],"source":"replay","recv_us":1800000000000001})"},
      {"an escaped name", R"({"\u0073ource":"z"})", R"({"\u0073ource":"replay"})"},
      {"a time that is no whole number", R"({"recv_us":1.5})", R"({"recv_us":1.5})"},
      {"a time in a text", R"({"recv_us":"1767588330123456"})",
       R"({"recv_us":"1767588330123456"})"},
      {"nothing inside", "{}\n", "{}\n"},
      {"an array", "[1]", "junk"},
      {"half a line", R"({"source":"webso)", "junk"},
      {"a word", "ltp", "junk"},
      {"nothing", "", "junk"},
  }));
  INFO(c.why);
  CHECK(replayed(c.line) == c.want);
}

TEST_CASE("a recorded line tells its instrument and its time", "[tick]") {
  line::Reader reader;
  std::string text =
      R"({"type":"screener_ltp_update","instrument_key":"NSE_EQ:2885","recv_us":1767588330123456})";
  const auto size = text.size();
  text.append(line::kPadding, ' ');
  const auto tick = reader.read_recorded(std::string_view(text).substr(0, size));
  REQUIRE(tick);
  CHECK(tick->instrument == Instrument{Segment::kNseEq, 2885});
  CHECK(tick->recv_us == 1767588330123456);

  text = R"({"type":"feed_status","instrument_key":"NSE_EQ:2885"})";
  const auto status_size = text.size();
  text.append(line::kPadding, ' ');
  const auto status = reader.read_recorded(std::string_view(text).substr(0, status_size));
  REQUIRE(status);
  CHECK_FALSE(status->instrument);
  CHECK_FALSE(status->recv_us);
}
