#include "dhan/subscribe.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::dhan;

TEST_CASE("requests are written as the broker's documents show them", "[dhan]") {
  const std::vector<Instrument> two{{Segment::kNseEq, 11536}, {Segment::kIdxI, 13}};
  CHECK(request_text(Action::kSubscribe, TickKind::kQuote, two) ==
        R"({"RequestCode":17,"InstrumentCount":2,"InstrumentList":[)"
        R"({"ExchangeSegment":"NSE_EQ","SecurityId":"11536"},)"
        R"({"ExchangeSegment":"IDX_I","SecurityId":"13"}]})");
  CHECK(request_text(Action::kDisconnect, TickKind::kQuote, {}) == R"({"RequestCode":12})");

  const std::vector<Instrument> many(250, {Segment::kNseEq, 1});
  const auto texts = request_texts(Action::kUnsubscribe, TickKind::kFull, many);
  REQUIRE(texts.size() == 3);
  CHECK(texts[0].starts_with(R"({"RequestCode":22,"InstrumentCount":100,)"));
  CHECK(texts[2].starts_with(R"({"RequestCode":22,"InstrumentCount":50,)"));
}

TEST_CASE("requests are read back", "[dhan]") {
  struct Case { int code; Action action; TickKind mode; };
  const auto c = GENERATE(values<Case>({{15, Action::kSubscribe, TickKind::kTicker},
                                        {16, Action::kUnsubscribe, TickKind::kTicker},
                                        {17, Action::kSubscribe, TickKind::kQuote},
                                        {18, Action::kUnsubscribe, TickKind::kQuote},
                                        {21, Action::kSubscribe, TickKind::kFull},
                                        {22, Action::kUnsubscribe, TickKind::kFull}}));
  INFO(c.code);
  const auto request = parse_request(
      R"({"RequestCode":)" + std::to_string(c.code) +
      R"(,"InstrumentCount":1,"InstrumentList":[{"ExchangeSegment":"BSE_EQ","SecurityId":"500325"}]})");
  REQUIRE(request);
  CHECK(request.value().action == c.action);
  CHECK(request.value().mode == c.mode);
  CHECK(request.value().instruments == std::vector<Instrument>{{Segment::kBseEq, 500325}});
}

TEST_CASE("a bad request says what is wrong with it", "[dhan]") {
  struct Case { const char* json; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{\"RequestCode\":\"15\"}", "RequestCode is missing or no integer"},
      {R"({"RequestCode":19})", "RequestCode 19 is not in use"},
      {R"({"RequestCode":99999999999})", "RequestCode 99999999999 is not in use"},
      {R"({"RequestCode":15})", "InstrumentList is missing or no list"},
      {R"({"RequestCode":15,"InstrumentList":{}})", "InstrumentList is missing or no list"},
      {R"({"RequestCode":15,"InstrumentList":[]})", "InstrumentCount is missing or no integer"},
      {R"({"RequestCode":15,"InstrumentCount":3,"InstrumentList":[{}]})",
       "InstrumentCount is 3, the list has 1"},
      {R"({"RequestCode":15,"InstrumentCount":"1","InstrumentList":[{}]})",
       "InstrumentCount is missing or no integer"},
      {R"({"RequestCode":15,"InstrumentCount":-1,"InstrumentList":[]})",
       "InstrumentCount is -1, the list has 0"},
      {R"({"RequestCode":15,"InstrumentCount":18446744073709551615,"InstrumentList":[]})",
       "InstrumentCount is missing or no integer"},
      {R"({"RequestCode":15.0})", "RequestCode is missing or no integer"},
      {R"({"RequestCode":1e999})", "not a JSON object"},
      {R"({"RequestCode":15} x)", "not a JSON object"},
      {"{\"RequestCode\":15,\"x\":\"\xff\"}", "not a JSON object"},
  }));
  INFO(c.json);
  const auto request = parse_request(c.json);
  REQUIRE_FALSE(request);
  CHECK(request.error().text == c.said);
}

TEST_CASE("one bad entry refuses the whole request and is named", "[dhan]") {
  struct Case { const char* entry; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"7", "entry 2: ExchangeSegment is missing or no text"},
      {R"({"SecurityId":"1"})", "entry 2: ExchangeSegment is missing or no text"},
      {R"({"ExchangeSegment":1,"SecurityId":"1"})", "entry 2: ExchangeSegment is missing or no text"},
      {R"({"ExchangeSegment":"NSE_EQ"})", "entry 2: SecurityId is missing or no text"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":1})", "entry 2: SecurityId is missing or no text"},
      {R"({"ExchangeSegment":"NSE_XX","SecurityId":"1"})", "entry 2: 'NSE_XX:1' is no instrument"},
      {R"({"ExchangeSegment":"nse_eq","SecurityId":"1"})", "entry 2: 'nse_eq:1' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":""})", "entry 2: 'NSE_EQ:' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":"0"})", "entry 2: 'NSE_EQ:0' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":"-1"})", "entry 2: 'NSE_EQ:-1' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":"4294967296"})",
       "entry 2: 'NSE_EQ:4294967296' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ:1","SecurityId":"1"})", "entry 2: 'NSE_EQ:1:1' is no instrument"},
      {R"({"ExchangeSegment":"NSE_EQ","SecurityId":"1\n2"})",
       R"(entry 2: 'NSE_EQ:1\x0a2' is no instrument)"},
  }));
  INFO(c.entry);
  const auto request = parse_request(
      std::string(R"({"RequestCode":15,"InstrumentCount":2,"InstrumentList":[)") +
      R"({"ExchangeSegment":"NSE_EQ","SecurityId":"1"},)" + c.entry + "]}");
  REQUIRE_FALSE(request);
  CHECK(request.error().text == c.said);
}

TEST_CASE("deep and long requests are refused, not followed", "[dhan]") {
  CHECK_FALSE(parse_request(std::string(1'000'000, '[')));
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  CHECK_FALSE(parse_request(deep));
  const auto nested =
      parse_request(R"({"RequestCode":15,"InstrumentCount":1,"InstrumentList":[)" + deep + "]}");
  REQUIRE_FALSE(nested);
  CHECK(nested.error().text == "entry 1: ExchangeSegment is missing or no text");
  std::string many = R"({"RequestCode":15,"InstrumentCount":101,"InstrumentList":[)";
  for (int i = 0; i < 101; ++i)
    many += std::string(i ? "," : "") + R"({"ExchangeSegment":"NSE_EQ","SecurityId":"1"})";
  const auto request = parse_request(many + "]}");
  REQUIRE_FALSE(request);
  CHECK(request.error().text == "more than 100 instruments in a message");
}
