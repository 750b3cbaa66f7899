#include "base/backoff.hpp"

#include <catch2/catch.hpp>

#include <set>

using ltp::Backoff;
using Ms = Backoff::Ms;

TEST_CASE("waits are drawn from least to a step that doubles up to the most", "[base]") {
  // What the feed uses: 1 s to 60 s.
  constexpr int kSteps_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
  for (int round = 0; round < 200; ++round) {
    Backoff backoff(Ms{1000}, Ms{60'000}, Ms{100});
    for (const int step_ms : kSteps_ms) {
      const auto wait = backoff.next();
      INFO("step of " << step_ms << " ms");
      REQUIRE(wait >= Ms{100});
      REQUIRE(wait <= Ms{step_ms});
    }
  }
}

TEST_CASE("waits differ between clients and between tries", "[base]") {
  std::set<Ms> first_waits;
  for (int client = 0; client < 50; ++client)
    first_waits.insert(Backoff(Ms{60'000}, Ms{60'000}).next());
  CHECK(first_waits.size() > 10);

  std::set<Ms> waits;
  Backoff backoff(Ms{60'000}, Ms{60'000});
  for (int i = 0; i < 50; ++i) waits.insert(backoff.next());
  CHECK(waits.size() > 10);
}

TEST_CASE("the whole of the spread is used", "[base]") {
  bool low = false, high = false;
  Backoff backoff(Ms{1000}, Ms{1000}, Ms{500});
  for (int i = 0; i < 10'000; ++i) {
    const auto wait = backoff.next();
    low = low || wait < Ms{550};
    high = high || wait > Ms{950};
  }
  CHECK(low);
  CHECK(high);
}

TEST_CASE("reset starts again from the first wait", "[base]") {
  Backoff backoff(Ms{10}, Ms{1000});
  for (int i = 0; i < 20; ++i) (void)backoff.next();
  backoff.reset();
  CHECK(backoff.next() <= Ms{10});
  CHECK(backoff.next() <= Ms{20});
}

TEST_CASE("many tries do not run over, and steps of nothing are nothing", "[base]") {
  Backoff backoff(Ms{1}, Ms{1000});
  for (int i = 0; i < 100'000; ++i) REQUIRE(backoff.next() <= Ms{1000});
  Backoff none(Ms{0}, Ms{0});
  CHECK(none.next() == Ms{0});
  CHECK(none.next() == Ms{0});
}
