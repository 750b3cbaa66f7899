#include "base/clock.hpp"

#include <catch2/catch.hpp>

#include <ctime>
#include <limits>
#include <string>

using namespace ltp;

TEST_CASE("ist writes Indian time", "[base]") {
  struct Case { std::int64_t utc_s; const char* text; };
  const auto c = GENERATE(values<Case>({
      {1767588330, "2026-01-05T10:15:30+05:30"},
      {0, "1970-01-01T05:30:00+05:30"},
      {-19800, "1970-01-01T00:00:00+05:30"},
      {-19801, "1969-12-31T23:59:59+05:30"},
      {-1, "1970-01-01T05:29:59+05:30"},
      {1767205799, "2025-12-31T23:59:59+05:30"},  // midnight in India is 18:30 UTC
      {1767205800, "2026-01-01T00:00:00+05:30"},
      {1709144999, "2024-02-28T23:59:59+05:30"},
      {1709145000, "2024-02-29T00:00:00+05:30"},  // a leap year
      {1709231400, "2024-03-01T00:00:00+05:30"},
      {951762600, "2000-02-29T00:00:00+05:30"},   // so is 2000
      {4107522600, "2100-03-01T00:00:00+05:30"},  // 2100 is none: the day after 28 February
      {4107522599, "2100-02-28T23:59:59+05:30"},
      {2147483648, "2038-01-19T08:44:08+05:30"},  // past 31 bits
      {4294967295, "2106-02-07T11:58:15+05:30"},
  }));
  CHECK(ist(c.utc_s) == c.text);
}

TEST_CASE("ist keeps its shape for any number", "[base]") {
  CHECK(ist(253402280999) == "9999-12-31T23:59:59+05:30");
  CHECK(ist(253402281000) == "9999-12-31T23:59:59+05:30");
  CHECK(ist(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59+05:30");
  CHECK(ist(-62167239000) == "0000-01-01T00:00:00+05:30");
  CHECK(ist(-62167239001) == "0000-01-01T00:00:00+05:30");
  CHECK(ist(std::numeric_limits<std::int64_t>::min()) == "0000-01-01T00:00:00+05:30");
}

TEST_CASE("ist agrees with the C library on every day of a century", "[base]") {
  for (std::int64_t day = 0; day < 36'525; ++day) {
    const std::int64_t utc_s = day * 86'400 + day % 86'400;  // another time each day
    const std::time_t local = utc_s + 19'800;
    std::tm parts{};
    gmtime_r(&local, &parts);
    char want[32];
    REQUIRE(std::strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S+05:30", &parts) == 25);
    REQUIRE(ist(utc_s) == want);
  }
}

TEST_CASE("append_http_date writes the time of an HTTP header", "[base]") {
  const auto date = [](std::int64_t utc_s) {
    std::string out = "date: ";
    append_http_date(out, utc_s);
    return out;
  };
  CHECK(date(784111777) == "date: Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110
  CHECK(date(0) == "date: Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(date(1709164799) == "date: Wed, 28 Feb 2024 23:59:59 GMT");
  CHECK(date(1735689599) == "date: Tue, 31 Dec 2024 23:59:59 GMT");
  CHECK(date(std::numeric_limits<std::int64_t>::max()) == "date: Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(date(std::numeric_limits<std::int64_t>::min()) == "date: Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST_CASE("append_ist appends", "[base]") {
  std::string out = "at ";
  append_ist(out, 0);
  CHECK(out == "at 1970-01-01T05:30:00+05:30");
}

TEST_CASE("the wall clock counts microseconds since 1970", "[base]") {
  const std::int64_t before = std::time(nullptr);
  const std::int64_t now = wall_us();
  const std::int64_t after = std::time(nullptr);
  CHECK(now / 1'000'000 >= before - 1);  // time() may come from a coarser clock
  CHECK(now / 1'000'000 <= after + 1);
}

TEST_CASE("the steady clock never goes back", "[base]") {
  std::int64_t last = steady_ms();
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t now = steady_ms();
    REQUIRE(now >= last);
    last = now;
  }
}
