#include "beats.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using ltp::serve::Beats;

namespace {
/// When each group is due if it is asked every `step_ms`, from 0 to `until_ms`.
std::array<std::vector<std::int64_t>, Beats::kGroups> beats_of(Beats& beats, std::int64_t step_ms,
                                                               std::int64_t until_ms) {
  std::array<std::vector<std::int64_t>, Beats::kGroups> when;
  for (std::int64_t now_ms = 0; now_ms <= until_ms; now_ms += step_ms)
    while (const auto group = beats.due(now_ms)) when[*group].push_back(now_ms);
  return when;
}
}  // namespace

TEST_CASE("each group is due every three seconds, however often it is asked", "[serve][beats]") {
  const auto step_ms = GENERATE(1, 7, 37, 100, 300, 299);
  INFO("asked every " << step_ms << " ms");
  Beats beats(0);
  for (const auto& when : beats_of(beats, step_ms, 30'000)) {
    CHECK(when.size() >= 9);
    for (std::size_t i = 1; i < when.size(); ++i) {
      CHECK(when[i] - when[i - 1] >= 3000 - step_ms - 5);
      CHECK(when[i] - when[i - 1] <= 3000 + step_ms + 5);
    }
  }
}

TEST_CASE("after a halt all that are late are due at once, each once", "[serve][beats]") {
  Beats beats(0);
  const auto due_at = [&](std::int64_t now_ms) {
    std::size_t count = 0;
    while (beats.due(now_ms)) ++count;
    return count;
  };
  CHECK(due_at(299) == 1);  // a timer may be early
  CHECK(due_at(400) == 0);
  CHECK(due_at(1000) == 2);
  CHECK(due_at(60'000) == Beats::kGroups + 1);
  CHECK(due_at(60'100) == 0);
  CHECK(due_at(60'300) == 1);
}
