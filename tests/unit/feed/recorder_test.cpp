#include "recorder.hpp"

#include "base/fault.hpp"
#include "support/hex.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace ltp;
using ltp::feed::Recorder;

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void put(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a new recording has the header, then each message as soon as it came", "[feed]") {
  const TempDir dir;
  loop::Loop loop;
  const auto before = umask(027);
  Recorder recorder(loop, dir / "a");
  umask(before);
  CHECK(contents(dir / "a") == "ltp-capture 1\n");
  recorder.keep(from_hex("02 1000 01 450b0000 9af53145 418f5b69"), 1767588330123456);
  CHECK(contents(dir / "a") ==
        "ltp-capture 1\n1767588330123456 16 02100001450b00009af53145418f5b69\n");
  recorder.keep({}, 1767588330123457);
  CHECK(contents(dir / "a").ends_with("69\n1767588330123457 0\n"));
  CHECK_FALSE(recorder.failed());

  struct stat about {};
  REQUIRE(stat((dir / "a").c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0640);
}

TEST_CASE("a recording goes behind what is there", "[feed]") {
  struct Case {
    const char* why;
    std::string before, after;
  };
  const auto c = GENERATE(values<Case>({
      {"an earlier run", "ltp-capture 1\n1 1 00\n",
       "ltp-capture 1\n1 1 00\nltp-capture 1\n2 1 ff\n"},
      {"one that was cut off", "ltp-capture 1\n1 1 0",
       "ltp-capture 1\n1 1 0\nltp-capture 1\n2 1 ff\n"},
      {"a header alone", "ltp-capture 1\n", "ltp-capture 1\nltp-capture 1\n2 1 ff\n"},
      {"half a header", "ltp-cap", "ltp-capture 1\n2 1 ff\n"},
      {"a header without its newline", "ltp-capture 1", "ltp-capture 1\n2 1 ff\n"},
      {"nothing", "", "ltp-capture 1\n2 1 ff\n"},
  }));
  INFO(c.why);
  const TempDir dir;
  put(dir / "a", c.before);
  loop::Loop loop;
  Recorder(loop, dir / "a").keep(from_hex("ff"), 2);
  CHECK(contents(dir / "a") == c.after);
}

TEST_CASE("what holds something else is refused and stays as it is", "[feed]") {
  const auto* const text = GENERATE("{\"type\":\"screener_ltp_update\"}\n", "ltp-capture 2\n",
                                    "ltp-capture 10\n", "\n", "x", "NSE_EQ:2885  RELIANCE\n");
  const TempDir dir;
  put(dir / "a", text);
  loop::Loop loop;
  CHECK_THROWS_WITH(Recorder(loop, dir / "a"),
                    (dir / "a") + " holds something else than a capture; name another file");
  CHECK(contents(dir / "a") == text);
}

TEST_CASE("what cannot be written to is named", "[feed]") {
  const TempDir dir;
  loop::Loop loop;
  CHECK_THROWS_WITH(Recorder(loop, dir / "no/where"),
                    "cannot record to " + (dir / "no/where") + " (No such file or directory)");
  CHECK_THROWS_WITH(Recorder(loop, dir / "."),
                    "cannot record to " + (dir / ".") + " (Is a directory)");
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(Recorder(loop, dir / "pipe"),
                    "cannot record to " + (dir / "pipe") + " (No such device or address)");
}

TEST_CASE("two recorders do not share a file", "[feed]") {
  const TempDir dir;
  loop::Loop loop;
  const Recorder first(loop, dir / "a");
  CHECK_THROWS_WITH(Recorder(loop, dir / "a"),
                    "cannot record to " + (dir / "a") + ": another program does");
}

TEST_CASE("a full disk ends the recording", "[feed]") {
  loop::Loop loop;
  Recorder recorder(loop, "/dev/full");
  REQUIRE(run_until(loop, [&] { return recorder.failed(); }));
  recorder.keep(from_hex("ff"), 1);
}

TEST_CASE("a pipe whose reader sleeps ends the recording at a bound", "[feed]") {
  const TempDir dir;
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const UniqueFd reader(open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  loop::Loop loop;
  Recorder recorder(loop, dir / "pipe");
  const std::vector<std::byte> message(1 << 20);
  int kept = 0;
  for (; !recorder.failed() && kept < 100; ++kept) recorder.keep(message, 1);
  CHECK(kept == 9);  // 2 MiB of text each; 16 MiB may wait, 64 KiB are in the pipe

  char bytes[14];
  REQUIRE(read(reader.get(), bytes, sizeof bytes) == sizeof bytes);
  CHECK(std::string(bytes, sizeof bytes) == "ltp-capture 1\n");
}

TEST_CASE("a reader of a pipe that goes ends the recording", "[feed]") {
  const TempDir dir;
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  UniqueFd reader(open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::signal(SIGPIPE, SIG_IGN);  // as every tool does
  loop::Loop loop;
  Recorder recorder(loop, dir / "pipe");
  reader.reset();
  recorder.keep(from_hex("ff"), 1);
  CHECK(run_until(loop, [&] { return recorder.failed(); }));
}
