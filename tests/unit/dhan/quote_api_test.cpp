#include "dhan/quote_api.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::dhan;

namespace {

using Kind = RestFault::Kind;

constexpr Instrument kReliance{Segment::kNseEq, 2885};
constexpr Instrument kTcs{Segment::kNseEq, 11536};
constexpr Instrument kNifty{Segment::kIdxI, 13};

std::string quotes(const std::string& data, const std::string& status = "success") {
  return R"({"data":{)" + data + R"(},"status":")" + status + "\"}";
}

}  // namespace

TEST_CASE("quote_body gathers the ids of each segment", "[dhan][quote]") {
  CHECK(quote_body({}) == "{}");
  CHECK(quote_body(std::vector{kNifty}) == R"({"IDX_I":[13]})");
  CHECK(quote_body(std::vector{kReliance, kNifty, kTcs}) ==
        R"({"IDX_I":[13],"NSE_EQ":[2885,11536]})");
  CHECK(quote_body(std::vector{Instrument{Segment::kMcxComm, 4'294'967'295}}) ==
        R"({"MCX_COMM":[4294967295]})");
}

TEST_CASE("rest_headers carry the token as the broker wants it", "[dhan][quote]") {
  const auto headers = rest_headers({"1000000001", "secret"});
  CHECK(headers == Headers{{"access-token", "secret"},
                           {"client-id", "1000000001"},
                           {"content-type", "application/json"},
                           {"accept", "application/json"}});
}

TEST_CASE("parse_quotes reads good answers", "[dhan][quote]") {
  struct Case { const char* why; std::string body; std::vector<RestQuote> want; };
  const auto c = GENERATE(values<Case>({
      {"two segments",
       quotes(R"("NSE_EQ":{"2885":{"last_price":1393.4}},"IDX_I":{"13":{"last_price":24857.35}})"),
       {{kNifty, "24857.35"}, {kReliance, "1393.4"}}},
      {"a whole number", quotes(R"("NSE_EQ":{"11536":{"last_price":3021}})"), {{kTcs, "3021"}}},
      {"a whole number with a point", quotes(R"("NSE_EQ":{"11536":{"last_price":3021.0}})"),
       {{kTcs, "3021"}}},
      {"with an exponent", quotes(R"("NSE_EQ":{"11536":{"last_price":3.021e3}})"), {{kTcs, "3021"}}},
      {"more fields", quotes(R"("NSE_EQ":{"2885":{"ohlc":{"open":1},"last_price":1393.4,"x":[]}})"),
       {{kReliance, "1393.4"}}},
      {"all ids left out", quotes(R"("NSE_EQ":{})"), {}},
      {"no segment", quotes(""), {}},
      {"price 0", quotes(R"("NSE_EQ":{"2885":{"last_price":0},"11536":{"last_price":0.0}})"), {}},
      {"price below 0", quotes(R"("NSE_EQ":{"2885":{"last_price":-1}})"), {}},
      {"price out of this world", quotes(R"("NSE_EQ":{"2885":{"last_price":1e300}})"), {}},
      {"price null", quotes(R"("NSE_EQ":{"2885":{"last_price":null}})"), {}},
      {"price as text", quotes(R"("NSE_EQ":{"2885":{"last_price":"1393.4"}})"), {}},
      {"no price", quotes(R"("NSE_EQ":{"2885":{}})"), {}},
      {"entry is no object", quotes(R"("NSE_EQ":{"2885":7})"), {}},
      {"segment is no object", quotes(R"("NSE_EQ":[1],"IDX_I":{"13":{"last_price":1}})"),
       {{kNifty, "1"}}},
      {"unknown segment beside a known one",
       quotes(R"("FOO":{"1":{"last_price":1}},"NSE_EQ":{"2885":{"last_price":2}})"),
       {{kReliance, "2"}}},
      {"id is no number", quotes(R"("NSE_EQ":{"2885x":{"last_price":1}," 1":{"last_price":1}})"), {}},
      {"id 0 and id too large",
       quotes(R"("NSE_EQ":{"0":{"last_price":1},"4294967296":{"last_price":1}})"), {}},
  }));
  INFO(c.why);
  const auto answer = parse_quotes(200, c.body);
  REQUIRE(answer);
  CHECK(answer.value() == c.want);
}

TEST_CASE("parse_quotes tells what is wrong and what to do", "[dhan][quote]") {
  struct Case { const char* why; int status; std::string body; Kind kind; const char* text; };
  const auto c = GENERATE(values<Case>({
      {"rate limit as observed", 429, R"({"data":{"805":"Too many requests"},"status":"failed"})",
       Kind::kRateLimit, "too many requests or connections (805), HTTP status 429"},
      {"rate limit without a body", 429, "", Kind::kRateLimit, "HTTP status 429"},
      {"rate limit with 200", 200, R"({"data":{"805":"Too many"},"status":"failed"})",
       Kind::kRateLimit, "too many requests or connections (805)"},
      {"rate limit of the portal", 200,
       R"({"status":"failure","errorType":"RATE_LIMIT_ERROR","errorCode":"RL001"})",
       Kind::kRateLimit, "error RL001"},
      {"rate limit by letter code", 200, R"({"errorCode":"DH-904"})", Kind::kRateLimit, "error DH-904"},
      {"bad token", 401,
       R"({"errorType":"Invalid_Authentication","errorCode":"DH-901","errorMessage":"…"})",
       Kind::kRefused, "error DH-901, HTTP status 401"},
      {"bad token, a page", 401, "<html>", Kind::kRefused, "HTTP status 401"},
      {"forbidden", 403, "", Kind::kRefused, "HTTP status 403"},
      {"expired token with 400", 400, R"({"errorCode":807})", Kind::kRefused,
       "access token expired (807), HTTP status 400"},
      {"no data plan", 200, R"({"errorCode":806})", Kind::kRefused, "no data plan (806)"},
      {"no data plan in data", 200, R"({"data":{"806":"no"},"status":"failed"})", Kind::kRefused,
       "no data plan (806)"},
      {"code 401 in data", 200, R"({"data":{"401":"no"},"status":"failed"})", Kind::kRefused,
       "error 401"},
      {"bad request", 400, R"({"errorCode":"DH-905"})", Kind::kRequest,
       "error DH-905, HTTP status 400"},
      {"bad id", 200, R"({"errorCode":"813"})", Kind::kRequest, "bad security id (813)"},
      {"wrong path", 404, R"({"timestamp":1,"status":404,"error":"Not Found","path":"/"})",
       Kind::kRequest, "HTTP status 404"},
      {"server error", 500, R"({"errorCode":"DH-908"})", Kind::kTrouble,
       "error DH-908, HTTP status 500"},
      {"gateway page", 502, "<html>bad gateway</html>", Kind::kTrouble, "HTTP status 502"},
      {"gateway page with 200", 200, "<html>", Kind::kTrouble, "its answer is no JSON"},
      {"redirect", 302, "", Kind::kTrouble,
       "HTTP status 302, which points elsewhere and is not followed"},
      {"truncated", 200, R"({"data":{"NSE_EQ":{"2885":{"last_)", Kind::kTrouble,
       "its answer is no JSON"},
      {"empty", 200, "", Kind::kTrouble, "its answer is no JSON"},
      {"a list", 200, "[]", Kind::kTrouble, "its answer is no JSON"},
      {"not UTF-8", 200, "{\"data\":\"\xff\"}", Kind::kTrouble, "its answer is no JSON"},
      {"no status", 200, R"({"data":{"NSE_EQ":{}}})", Kind::kTrouble,
       "it answers with something else than quotes"},
      {"data is a list", 200, R"({"data":[],"status":"success"})", Kind::kTrouble,
       "it answers with something else than quotes"},
      {"failed without a reason", 200, quotes("", "failed"), Kind::kTrouble,
       "it answers with something else than quotes"},
      {"error code is a structure", 200, R"({"errorCode":{"a":1}})", Kind::kTrouble,
       "error of no known form"},
      {"error code is deep", 200, R"({"errorCode":)" + std::string(300'000, '[') +
       std::string(300'000, ']') + "}", Kind::kTrouble, "error of no known form"},
      {"error code with a line end", 500, R"({"errorCode":"a\nb"})", Kind::kTrouble,
       R"(error a\x0ab, HTTP status 500)"},
  }));
  INFO(c.why);
  const auto answer = parse_quotes(c.status, c.body);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == c.kind);
  CHECK(answer.error().text == c.text);
}

TEST_CASE("parse_quotes stands a megabyte of brackets", "[dhan][quote]") {
  CHECK_FALSE(parse_quotes(200, std::string(1 << 20, '[')));
  CHECK_FALSE(parse_quotes(200, R"({"data":)" + std::string(1 << 20, '[')));
}

TEST_CASE("parse_profile reads what a token is worth", "[dhan][quote]") {
  const auto profile = parse_profile(
      200,
      R"({"dhanClientId":"1100003626","tokenValidity":"30/03/2026 15:37","dataPlan":"Active"})");
  REQUIRE(profile);
  CHECK(profile.value().client_id == "1100003626");
  CHECK(profile.value().token_until == "30/03/2026 15:37");
  CHECK(profile.value().data_plan == "Active");

  const auto refused = parse_profile(401, R"({"errorCode":"DH-901"})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Kind::kRefused);
  CHECK_FALSE(parse_profile(200, "{}"));
  CHECK_FALSE(parse_profile(200, R"({"dhanClientId":7})"));
}
