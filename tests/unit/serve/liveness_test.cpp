#include "liveness.hpp"

#include <catch2/catch.hpp>

using namespace ltp::serve;

namespace {
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1767588330 * kSecond;  // 2026-01-05T10:15:30+05:30
}  // namespace

TEST_CASE("a feed that says it is connected is live until it falls silent", "[serve][liveness]") {
  Liveness liveness;
  CHECK_FALSE(liveness.verdict(kStart).live);
  liveness.heard_status("connected", "", kStart);
  CHECK(liveness.verdict(kStart + 15 * kSecond).live);
  const auto silent = liveness.verdict(kStart + 15 * kSecond + 1);
  CHECK_FALSE(silent.live);
  CHECK(silent.silent);
  CHECK(silent.state == "disconnected");
  CHECK(silent.reason == "nothing has been heard of the feed for 15 s");
  liveness.heard_tick(kStart + 20 * kSecond);
  CHECK(liveness.verdict(kStart + 20 * kSecond) == Liveness::Verdict{true, "connected", ""});
}

TEST_CASE("ticks without a word of the feed keep it alive for a minute", "[serve][liveness]") {
  Liveness liveness;
  liveness.heard_tick(kStart);
  CHECK(liveness.verdict(kStart + 60 * kSecond).live);
  CHECK_FALSE(liveness.verdict(kStart + 60 * kSecond + 1).live);
}

TEST_CASE("the feed's own word counts, whatever else is heard of it at that moment",
          "[serve][liveness]") {
  struct Case { const char* state; bool live; };
  const auto c = GENERATE(values<Case>({{"connected", true},
                                        {"partial", true},
                                        {"mute", false},
                                        {"disconnected", false},
                                        {"refused", false},
                                        {"something new", false}}));
  INFO(c.state);
  Liveness liveness;
  liveness.heard_tick(kStart);
  liveness.heard_status(c.state, "why", kStart);
  CHECK(liveness.verdict(kStart) == Liveness::Verdict{c.live, c.state, "why"});
  liveness.heard_tick(kStart + 2 * kSecond);  // bad news that has been overtaken
  CHECK(liveness.verdict(kStart + 2 * kSecond).live);
}

TEST_CASE("a lost link is told once, with the first reason, and its return", "[serve][liveness]") {
  Liveness liveness;
  liveness.heard_status("connected", "", kStart);
  CHECK_FALSE(liveness.news(kStart));
  liveness.link_down("Connection reset");
  liveness.link_down("Connection refused");
  const auto lost = liveness.news(kStart + kSecond);
  REQUIRE(lost);
  CHECK(*lost == Liveness::Verdict{
                     false, "disconnected", "this server does not hear Redis: Connection reset"});
  CHECK_FALSE(liveness.news(kStart + 2 * kSecond));
  CHECK(liveness.links_lost() == 1);

  liveness.link_filling();
  CHECK_FALSE(liveness.news(kStart + 3 * kSecond)->live);  // nothing is fresh yet
  liveness.link_up();
  const auto back = liveness.news(kStart + 4 * kSecond);
  REQUIRE(back);
  CHECK(*back == Liveness::Verdict{true, "connected", ""});
}

TEST_CASE("after a long outage it takes a sign of the feed, not only the link", "[serve][liveness]") {
  Liveness liveness;
  liveness.heard_status("connected", "", kStart);
  liveness.link_down("Connection reset");
  liveness.link_up();
  CHECK_FALSE(liveness.verdict(kStart + 30 * kSecond).live);
  liveness.heard_heartbeat(kStart + 25 * kSecond);
  CHECK(liveness.verdict(kStart + 30 * kSecond).live);
}

TEST_CASE("at the start the feed has a moment to speak", "[serve][liveness]") {
  Liveness liveness;
  CHECK_FALSE(liveness.news(kStart));
  SECTION("and if it does, nothing is added") {
    liveness.heard_tick(kStart + kSecond / 2);
    CHECK_FALSE(liveness.news(kStart + kSecond));
  }
  SECTION("else clients are told within the second") {
    const auto news = liveness.news(kStart + kSecond * 9 / 10);
    REQUIRE(news);
    CHECK(news->reason == "nothing has been heard of the feed yet");
    CHECK_FALSE(liveness.news(kStart + kSecond));
  }
}

TEST_CASE("the line that tells it names its source and the age of the last tick",
          "[serve][liveness]") {
  CHECK(status_line({false, "disconnected", "a \"b\""}, kStart - 1500 * 1000, kStart) ==
        R"({"type":"feed_status","state":"disconnected","reason":"a \"b\"","source":"ltp-serve",)"
        R"("last_tick_age_ms":1500,"timestamp":"2026-01-05T10:15:30+05:30",)"
        R"("recv_us":1767588330000000})");
  CHECK(status_line({true, "connected", ""}, std::nullopt, kStart) ==
        R"({"type":"feed_status","state":"connected","reason":null,"source":"ltp-serve",)"
        R"("last_tick_age_ms":null,"timestamp":"2026-01-05T10:15:30+05:30",)"
        R"("recv_us":1767588330000000})");
}
