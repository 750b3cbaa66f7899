#include "replay/player.hpp"

#include "base/unique_fd.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace ltp;
using replay::Player;
using replay::Speed;
using Clock = std::chrono::steady_clock;

namespace {

constexpr Speed kMax{.waits = false};

/// Plays a text from a file and keeps what it was handed.
struct Played {
  explicit Played(const std::string& text, Speed speed = kMax) {
    std::ofstream(dir / "recording", std::ios::binary) << text;
    file.reset(open((dir / "recording").c_str(), O_RDONLY | O_CLOEXEC));
    start(speed);
  }
  Played(UniqueFd from, Speed speed) : file(std::move(from)) { start(speed); }

  void start(Speed speed) {
    player.emplace(loop, file.get(), speed,
                   Player::Events{[this](dhan::Bytes message, std::int64_t recv_us) {
                                    things.push_back(std::to_string(recv_us) + ":" +
                                                     std::to_string(message.size()));
                                    at.push_back(Clock::now());
                                    fresh = true;
                                    if (on_thing) on_thing();
                                  },
                                  [this](std::string_view line, const line::RecordedLine&) {
                                    things.emplace_back(line);
                                    at.push_back(Clock::now());
                                    fresh = true;
                                    if (on_thing) on_thing();
                                  },
                                  [this] { fresh = false; },
                                  [this](const std::optional<Player::Trouble>& why) {
                                    CHECK_FALSE(ended);
                                    ended = true;
                                    trouble = why;
                                  }});
  }
  Played& to_its_end() {
    REQUIRE(run_until(loop, [this] { return ended; }));
    CHECK_FALSE(fresh);  // on_dry came behind the last thing
    return *this;
  }

  TempDir dir;
  UniqueFd file;
  loop::Loop loop;
  std::vector<std::string> things;  // "time:size", or the line
  std::vector<Clock::time_point> at;
  bool fresh = false;
  bool ended = false;
  std::optional<Player::Trouble> trouble;
  std::function<void()> on_thing;
  std::optional<Player> player;
};

using Things = std::vector<std::string>;

}  // namespace

TEST_CASE("a capture is played in order, what is damaged is counted", "[replay]") {
  Played it(
      "ltp-capture 1\n"
      "# a note\n"
      "1000 2 0011\n"
      "\n"
      "1000 3 0011\n"
      "oops\n"
      "ltp-capture 1\n"
      "ltp-capture 9\n"
      "900 0\n"
      "1001 1 ff\r\n"
      "1002 4 0011");
  it.to_its_end();
  CHECK_FALSE(it.trouble);
  CHECK(it.things == Things{"1000:2", "900:0", "1001:1"});
  CHECK(it.player->played() == 3);
  CHECK(it.player->damaged() == 4);
}

TEST_CASE("tick lines are played as they stand, what is no object is counted", "[replay]") {
  Played it(
      "{\"recv_us\":1000,\"a\":1}\n"
      "\n"
      "{\"recv_us\":1000,\n"
      "{\"type\":\"gap\"}\r\n"
      "[1]\n"
      "{\"recv_us\":2}");
  it.to_its_end();
  CHECK_FALSE(it.trouble);
  CHECK(it.things ==
        Things{"{\"recv_us\":1000,\"a\":1}\n", "{\"type\":\"gap\"}\r\n", "{\"recv_us\":2}"});
  CHECK(it.player->damaged() == 2);
}

TEST_CASE("what is no recording is refused at its first line", "[replay]") {
  struct Case {
    const char* why;
    std::string text, want;
  };
  const auto c = GENERATE(values<Case>({
      {"a text", "hello\nworld\n", "is neither a capture nor a file of tick lines"},
      {"a message without a header", "1000 1 00\n",
       "is neither a capture nor a file of tick lines"},
      {"a note without a header", "# ltp-capture 1\n",
       "is neither a capture nor a file of tick lines"},
      {"binary", std::string("\0\1\2\xff\n\0", 6), "is neither a capture nor a file of tick lines"},
      {"one endless line", std::string(3'000'000, 'x'),
       "is neither a capture nor a file of tick lines"},
      {"a later version", "ltp-capture 2\n1000 1 00\n",
       "is a capture of another version, 'ltp-capture 2'; this program reads 'ltp-capture 1'"},
  }));
  INFO(c.why);
  Played it(c.text);
  it.to_its_end();
  REQUIRE(it.trouble);
  CHECK(it.trouble->fault == Fault::kBadInput);
  CHECK(it.trouble->text == c.want);
  CHECK(it.things.empty());
}

TEST_CASE("an empty recording ends at once", "[replay]") {
  const auto* const text = GENERATE("", "ltp-capture 1\n", "ltp-capture 1");
  Played it(text);
  it.to_its_end();
  CHECK_FALSE(it.trouble);
  CHECK(it.things.empty());
  CHECK(it.player->damaged() == 0);
}

TEST_CASE("what cannot be read is trouble", "[replay]") {
  Played it(UniqueFd(open("/", O_RDONLY | O_CLOEXEC)), kMax);
  it.to_its_end();
  REQUIRE(it.trouble);
  CHECK(it.trouble->fault == Fault::kIo);
  CHECK(it.trouble->text == "cannot be read to its end (Is a directory)");
}

TEST_CASE("the longest message is played, a longer line is damaged", "[replay]") {
  constexpr std::size_t kLongest = 1 << 20;
  std::string text = "ltp-capture 1\n1 1 00\n2 1048576 ";
  text.append(2 * kLongest, 'a');
  text += "\n3 1 00\n4 1048577 ";
  text.append(2 * kLongest + 2, 'a');
  text += "\n5 1 00\n6 9 ";
  text.append(5 * kLongest, 'b');
  text += "\n7 1048576 ";
  text.append(2 * kLongest, 'c');
  text += "\n8 1 00\n9 7 ";
  text.append(3 * kLongest, 'd');  // and no newline
  Played it(text);
  it.to_its_end();
  CHECK(it.things == Things{"1:1", "2:1048576", "3:1", "5:1", "7:1048576", "8:1"});
  CHECK(it.player->damaged() == 3);
}

TEST_CASE("a tick line of more than a reader's line is damaged", "[replay]") {
  Played it("{\"a\":1}\n{\"b\":\"" + std::string(3 << 20, 'x') + "\"}\n{\"c\":1}\n");
  it.to_its_end();
  CHECK(it.things == Things{"{\"a\":1}\n", "{\"c\":1}\n"});
  CHECK(it.player->damaged() == 1);
}

TEST_CASE("nothing is lost, and nothing comes, while the player is paused", "[replay]") {
  std::string text = "ltp-capture 1\n";
  constexpr int kCount = 30'000;  // several blocks
  for (int i = 0; i < kCount; ++i) text += std::to_string(i) + " 4 00112233\n";
  Played it(text);
  bool paused = false;
  it.on_thing = [&] {
    CHECK_FALSE(paused);
    if (it.things.size() % 1000 != 0) return;
    it.player->pause();
    paused = true;
  };
  const auto wake = [&] {
    if (!paused) return;
    paused = false;
    const auto before = it.things.size();
    it.player->resume();
    CHECK(it.things.size() == before);  // not from inside
  };
  REQUIRE(run_until(it.loop, [&] {
    wake();
    return it.ended;
  }));
  REQUIRE(it.things.size() == kCount);
  for (int i = 0; i < kCount; ++i) REQUIRE(it.things[i] == std::to_string(i) + ":4");
}

TEST_CASE("a player that is stopped says no more", "[replay]") {
  Played it("ltp-capture 1\n1 1 00\n2 1 00\n");
  it.on_thing = [&] { it.player->stop(); };
  it.loop.run();  // returns: nothing is left that could happen
  CHECK(it.things == Things{"1:1"});
  CHECK_FALSE(it.ended);
}

TEST_CASE("nothing is played before it is due", "[replay]") {
  const auto text = GENERATE(as<std::string>(),
                             "ltp-capture 1\n"
                             "1767588330000000 1 00\n1767588330040000 1 00\n"
                             "1767588330040000 1 00\n1767588330100000 1 00\n",
                             "{\"recv_us\":1767588330000000}\n{\"recv_us\":1767588330040000}\n"
                             "{\"no\":\"time\"}\n{\"recv_us\":1767588330100000}\n");
  const double times = GENERATE(1.0, 2.0);
  Played it(text, {.times = times});
  const auto begin = Clock::now();
  it.to_its_end();
  REQUIRE(it.at.size() == 4);
  CHECK((it.at[1] - begin) * times >= 40ms);
  CHECK((it.at[3] - begin) * times >= 100ms);
  CHECK(Clock::now() - begin < 10s);
}

TEST_CASE("what a pipe holds is played before more comes", "[replay]") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  UniqueFd writing(ends[1]);
  const auto say = [&](std::string_view text) {
    REQUIRE(write(writing.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  Played it(UniqueFd{ends[0]}, kMax);
  say("ltp-capture 1\n1 1 00\n2 1 ");
  REQUIRE(run_until(it.loop, [&] { return it.things == Things{"1:1"} && !it.fresh; }));
  say("00\n");
  REQUIRE(run_until(it.loop, [&] { return it.things == Things{"1:1", "2:1"} && !it.fresh; }));
  writing.reset();
  it.to_its_end();
}
