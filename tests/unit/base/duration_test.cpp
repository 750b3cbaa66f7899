#include "base/duration.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using ltp::parse_duration;
using Ms = std::chrono::milliseconds;

TEST_CASE("a duration is read as people write it", "[base]") {
  struct Case { std::string_view text; long long ms; };
  const auto c = GENERATE(values<Case>({
      {"0", 0}, {"90", 90'000}, {"90s", 90'000}, {"250ms", 250}, {"1.5m", 90'000},
      {"2h", 7'200'000}, {".5", 500}, {"720h", 2'592'000'000},
  }));
  INFO(c.text);
  CHECK(parse_duration(c.text) == Ms{c.ms});
}

TEST_CASE("what is no duration is none", "[base]") {
  const auto* text = GENERATE("", " ", "-1", "+1", "1 s", " 1", "s", "ms", "1d", "1S", "1e3", "nan",
                              "inf", "0x10", "721h", "1,5", "999999999999999999999999999");
  INFO(text);
  CHECK_FALSE(parse_duration(text));
}
