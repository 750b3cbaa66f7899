#include "prices_api.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::serve;

namespace {

constexpr std::int64_t kNow = 1767588330;  // 2026-01-05T10:15:30+05:30

std::string_view price_of(const prices_api::Key& key) {
  return key.instrument == Instrument{Segment::kNseEq, 2885}    ? "1393.4"
         : key.instrument == Instrument{Segment::kNseEq, 11536} ? "3021.0"
         : key.instrument == Instrument{Segment::kNseEq, 1}     ? "0"
                                                                : "";
}

/// What comes back when NSE_EQ:2885 costs 1393.4, NSE_EQ:11536 costs 3021.0, else nothing.
std::string ask(std::string_view method, std::string_view query, std::string_view type = "",
                std::string_view body = "") {
  const auto keys = prices_api::parse_request(method, query, type, body);
  if (!keys) return prices_api::error_answer(keys.error().text, kNow);
  std::vector<prices_api::Price> prices;
  for (const auto& key : keys.value())
    prices.push_back(prices_api::Price::of(price_of(key), prices_api::Source::kCache));
  return prices_api::answer(keys.value(), prices, kNow).body;
}

constexpr auto kMissing =
    R"({"error":"Missing 'keys' parameter","timestamp":"2026-01-05T10:15:30+05:30"})";
constexpr auto kNoneValid =
    R"({"error":"No valid keys provided","timestamp":"2026-01-05T10:15:30+05:30"})";
constexpr auto kJson = "application/json; charset=utf-8";
constexpr auto kForm = "application/x-www-form-urlencoded";

std::string prices(std::string_view inside, int count, int cached) {
  return R"({"prices":{)" + std::string(inside) +
         R"(},"timestamp":"2026-01-05T10:15:30+05:30","count":)" + std::to_string(count) +
         R"(,"cached_count":)" + std::to_string(cached) + R"(,"api_fetched_count":0})";
}

}  // namespace

TEST_CASE("the prices endpoint's table of requests and answers", "[serve][prices]") {
  struct Case { const char* why; std::string got; std::string want; };
  const auto c = GENERATE(values<Case>({
      {"two keys", ask("GET", "keys=NSE_EQ:2885,NSE_EQ:11536"),
       prices(R"("NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0)", 2, 2)},
      {"comma and colon encoded, as the page does", ask("GET", "keys=NSE_EQ%3A2885%2CNSE_EQ%3A11536"),
       prices(R"("NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0)", 2, 2)},
      {"order of request", ask("GET", "a=b&keys=NSE_EQ:11536,NSE_EQ:2885"),
       prices(R"("NSE_EQ:11536":3021.0,"NSE_EQ:2885":1393.4)", 2, 2)},
      {"unknown id", ask("GET", "keys=NSE_EQ:999999"), prices(R"("NSE_EQ:999999":null)", 1, 0)},
      {"unknown segment", ask("GET", "keys=FOO:1"), prices(R"("FOO:1":null)", 1, 0)},
      {"no colon", ask("GET", "keys=RELIANCE"), prices(R"("RELIANCE":null)", 1, 0)},
      {"same key twice", ask("GET", "keys=NSE_EQ:2885,NSE_EQ:2885"),
       prices(R"("NSE_EQ:2885":1393.4)", 1, 1)},
      {"segment in lower case answers under the key as sent", ask("GET", "keys=nse_eq:2885"),
       prices(R"("nse_eq:2885":1393.4)", 1, 1)},
      {"blanks are trimmed", ask("GET", "keys=+NSE_EQ:2885+,%20IDX_I:13"),
       prices(R"("NSE_EQ:2885":1393.4,"IDX_I:13":null)", 2, 1)},
      {"a price of 0 is none", ask("GET", "keys=NSE_EQ:1"), prices(R"("NSE_EQ:1":null)", 1, 0)},
      {"markup in a key stays text", ask("GET", "keys=%3Cb%3E%22"), prices(R"("<b>\"":null)", 1, 0)},
      {"no keys", ask("GET", ""), kMissing},
      {"empty", ask("GET", "keys="), kMissing},
      {"blank", ask("GET", "keys=%20"), kMissing},
      {"only commas", ask("GET", "keys=,%20,"), kNoneValid},
      {"POST with a list", ask("POST", "", kJson, R"({"keys":["NSE_EQ:2885","NSE_EQ:11536"]})"),
       prices(R"("NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0)", 2, 2)},
      {"POST with a text", ask("POST", "", kJson, R"({"keys":"NSE_EQ:2885, IDX_I:13"})"),
       prices(R"("NSE_EQ:2885":1393.4,"IDX_I:13":null)", 2, 1)},
      {"POST with a number in the list", ask("POST", "", kJson, R"({"keys":[2885]})"),
       prices(R"("2885":null)", 1, 0)},
      {"POST with blanks only", ask("POST", "", kJson, R"({"keys":[" "]})"), kNoneValid},
      {"POST with an empty list", ask("POST", "", kJson, R"({"keys":[]})"), kMissing},
      {"POST with a list for a body", ask("POST", "", kJson, "[]"), kMissing},
      {"POST with broken JSON", ask("POST", "", kJson, R"({"keys":)"), kMissing},
      {"POST with broken JSON, keys in the query", ask("POST", "keys=NSE_EQ:2885", kJson, "{"),
       prices(R"("NSE_EQ:2885":1393.4)", 1, 1)},
      {"POST of a form", ask("POST", "", kForm, "keys=NSE_EQ%3A2885"),
       prices(R"("NSE_EQ:2885":1393.4)", 1, 1)},
      {"GET with a body", ask("GET", "", kJson, R"({"keys":["NSE_EQ:2885"]})"), kMissing},
  }));
  INFO(c.why);
  CHECK(c.got == c.want);
}

TEST_CASE("more than a thousand keys are refused, a thousand are not", "[serve][prices]") {
  std::string query = "keys=";
  for (int id = 1; id <= 1000; ++id) query += "IDX_I:" + std::to_string(id) + ",";
  CHECK(prices_api::parse_request("GET", query, "", ""));
  const auto refused = prices_api::parse_request("GET", query + "IDX_I:1001", "", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "Too many keys: 1001, the limit is 1000");
}

TEST_CASE("details are one more member, and prices stay as they are", "[serve][prices]") {
  using prices_api::Price;
  using prices_api::Source;
  const auto keys = prices_api::parse_request("GET", "keys=nse_eq:2885,IDX_I:13,A:1,NSE_EQ:5", "", "");
  REQUIRE(keys);
  const std::vector<Price> prices{
      {"1393.4", Source::kMemory, 420, "2026-01-05T10:15:29+05:30"},
      {"24857.3", Source::kCache, {}, ""},
      {},
      {"7", Source::kBroker, 0, ""}};
  CHECK(prices_api::answer(keys.value(), prices, kNow, true).body ==
        R"({"prices":{"nse_eq:2885":1393.4,"IDX_I:13":24857.3,"A:1":null,"NSE_EQ:5":7},)"
        R"("timestamp":"2026-01-05T10:15:30+05:30","count":4,"cached_count":3,"api_fetched_count":1,)"
        R"("details":{"nse_eq:2885":{"source":"memory","age_ms":420,"ltt":"2026-01-05T10:15:29+05:30"},)"
        R"("IDX_I:13":{"source":"cache","age_ms":null,"ltt":null},)"
        R"("NSE_EQ:5":{"source":"broker","age_ms":0,"ltt":null}}})");
}

TEST_CASE("a tag is of the prices, not of the time", "[serve][prices]") {
  const auto keys = prices_api::parse_request("GET", "keys=NSE_EQ:2885", "", "").value();
  const auto tag = [&](std::string_view price, std::int64_t now_s) {
    const auto made = prices_api::Price::of(price, prices_api::Source::kMemory);
    return prices_api::answer(keys, std::span(&made, 1), now_s).tag;
  };
  CHECK(tag("1393.4", kNow) == tag("1393.4", kNow + 5));
  CHECK(tag("1393.4", kNow) != tag("1393.45", kNow));
  CHECK(tag("1393.4", kNow) != tag("", kNow));
}
