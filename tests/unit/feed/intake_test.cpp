#include "intake.hpp"

#include "base/unique_fd.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

using namespace ltp;
using namespace ltp::feed;

namespace {

// Quote | length 50 | NSE_EQ | 2885; price 2847.35; quantity 1; traded 10:15:29 Indian time;
// average 2847; volume 9; sell 1; buy 2; open 2850; close 2840.5; high 2860; low 2830.
constexpr const char* kQuote =
    "04 3200 01 450b0000 9af53145 0100 418f5b69 00f03145 09000000 01000000 02000000"
    "00203245 00883145 00c03245 00e03045";
// Previous close 2841.75 | open interest 0.
constexpr const char* kPrevClose = "06 1000 01 450b0000 009c3145 00000000";

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  return ends;
}

/// Everything that an Intake writes.
struct Written {
  /// What has come since the last call.
  std::string take() {
    output.flush();
    std::array<char, 65536> buffer{};
    const auto size = read(reading.get(), buffer.data(), buffer.size());
    REQUIRE(size > 0);
    return {buffer.data(), static_cast<std::size_t>(size)};
  }
  std::array<int, 2> ends = open_pipe();
  UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  loop::Loop loop;
  Output output{loop, writing.get(), Output::Policy::kLatest, [](const std::string&) {}};
  Intake intake{output};
};

}  // namespace

TEST_CASE("close is the previous close while the market is open, if none came by itself",
          "[feed]") {
  Written w;
  const auto quote = from_hex(kQuote);
  w.intake.on_message(quote, true, 1'767'588'330'000'000);
  CHECK(w.take().find("\"prev_close\"") == std::string::npos);
  w.intake.set_open(Segment::kNseEq, true);
  w.intake.on_message(quote, true, 1'767'588'331'000'000);
  CHECK(w.take().find("\"prev_close\":2840.5,") != std::string::npos);
  w.intake.on_message(from_hex(kPrevClose), true, 1'767'588'332'000'000);
  w.intake.on_message(quote, true, 1'767'588'333'000'000);
  CHECK(w.take().find("\"prev_close\":2841.75,") != std::string::npos);
  w.intake.set_open(Segment::kNseEq, false);
  w.intake.on_message(quote, true, 1'767'588'334'000'000);
  CHECK(w.take().find("\"prev_close\":2841.75,") != std::string::npos);
}

TEST_CASE("after so many ticks no more are written", "[feed]") {
  Written w;
  w.intake.stop_after(2);
  auto three = std::string(kQuote);
  three = three + three + three;
  const auto heard = w.intake.on_message(from_hex(three.c_str()), true, 1);
  CHECK(heard.packets == 3);
  CHECK(heard.ticks == 2);
  const auto lines = w.take();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
}

TEST_CASE("a disconnect packet is told, and whom it names if that is watched", "[feed]") {
  Written w;
  const auto heard = w.intake.on_message(from_hex("32 0a00 01 450b0000 2d03"), true, 1);
  REQUIRE(heard.goodbye);
  CHECK(heard.goodbye->reason == 813);
  CHECK_FALSE(heard.goodbye->culprit);
}
