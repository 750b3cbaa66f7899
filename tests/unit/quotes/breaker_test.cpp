#include "quotes/breaker.hpp"

#include <catch2/catch.hpp>

using ltp::quotes::Breaker;

TEST_CASE("a breaker opens at the third failure and doubles to a minute", "[quotes][breaker]") {
  Breaker breaker;
  breaker.failed(1'000);
  breaker.failed(2'000);
  CHECK(breaker.open_until_ms() <= 2'000);
  struct Case { std::int64_t now; std::int64_t until; };
  for (const auto c : {Case{3'000, 8'000}, Case{10'000, 20'000}, Case{30'000, 50'000},
                       Case{60'000, 100'000}, Case{100'000, 160'000}, Case{200'000, 260'000}}) {
    breaker.failed(c.now);
    CHECK(breaker.open_until_ms() == c.until);
  }
  breaker.worked();
  CHECK(breaker.open_until_ms() <= 0);
  breaker.failed(300'000);
  CHECK(breaker.open_until_ms() <= 300'000);
}
