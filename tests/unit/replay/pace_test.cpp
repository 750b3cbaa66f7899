#include "replay/pace.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

using namespace std::chrono_literals;
using namespace ltp::replay;

TEST_CASE("a speed is max or a number of times", "[replay]") {
  struct Case {
    const char* text;
    double times;
  };
  const auto c = GENERATE(values<Case>(
      {{"1", 1}, {"10", 10}, {"2.5", 2.5}, {"0.001", 0.001}, {"1000000", 1e6}, {"1e3", 1000}}));
  INFO(c.text);
  const auto speed = parse_speed(c.text);
  REQUIRE(speed);
  CHECK(speed->waits);
  CHECK(speed->times == c.times);

  REQUIRE(parse_speed("max"));
  CHECK_FALSE(parse_speed("max")->waits);
}

TEST_CASE("what is no speed is refused", "[replay]") {
  const auto* const text = GENERATE("", "0", "-1", "+1", "x", "1x", " 1", "1 ", "max ", "MAX",
                                    "inf", "nan", "0.0009", "1000001", "1e999", "0x10", "1,5");
  INFO(text);
  CHECK_FALSE(parse_speed(text));
}

TEST_CASE("each thing is due as long after the first as it was received", "[replay]") {
  constexpr std::int64_t kFirst_us = 1767588330123456;
  struct Step {
    std::int64_t after_first_us;
    std::chrono::nanoseconds due_after;
  };
  struct Case {
    const char* why;
    double times;
    std::vector<Step> steps;
  };
  const auto c = GENERATE(values<Case>({
      {"as it was", 1, {{0, 0ns}, {1, 1us}, {250'000, 250ms}, {250'000, 250ms}}},
      {"twice as fast", 2, {{0, 0ns}, {1, 500ns}, {250'000, 125ms}}},
      {"slowly", 0.5, {{0, 0ns}, {250'000, 500ms}}},
      {"a day", 1, {{0, 0ns}, {86'400'000'000, 24h}}},
      {"the clock was set back",
       1,
       {{0, 0ns}, {500'000, 500ms}, {-3'600'000'000, 500ms}, {-3'599'900'000, 600ms}}},
  }));
  INFO(c.why);
  Pace pace({.times = c.times});
  const Pace::Moment now{1000h};
  for (const auto& step : c.steps)
    CHECK(pace.due(kFirst_us + step.after_first_us, now) - now == step.due_after);
}

TEST_CASE("what is late does not make the rest late", "[replay]") {
  Pace pace({.times = 1});
  const Pace::Moment begin{1000h};
  CHECK(pace.due(0, begin) == begin);
  CHECK(pace.due(10'000, begin + 8h) == begin + 10ms);
  CHECK(pace.due(20'000, begin + 8h) == begin + 20ms);
}

TEST_CASE("a time from the far future is due after a century, not before now", "[replay]") {
  Pace pace({.times = 0.001});
  const Pace::Moment now{1000h};
  CHECK(pace.due(0, now) == now);
  CHECK(pace.due(253'402'300'799'999'999, now) - now == 24h * 366 * 100);
  CHECK(pace.due(1, now) - now == 24h * 366 * 100);
}
