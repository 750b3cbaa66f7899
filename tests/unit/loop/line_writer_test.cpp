#include "descriptors.hpp"
#include "loop/line_writer.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>

using namespace std::chrono_literals;
using namespace ltp::loop;
using ltp::UniqueFd;

namespace {

[[maybe_unused]] const auto kBefore = std::signal(SIGPIPE, SIG_IGN);  // as every tool does

struct Heard {
  int drained = 0;
  int closed = 0;
  std::string error = "none";

  LineWriter::Events events() {
    return {.on_drained = [this] { ++drained; },
            .on_closed =
                [this](std::string why) {
                  ++closed;
                  error = std::move(why);
                }};
  }
};

/// More than any pipe or socket holds, and no two places in it look alike.
std::string flood() {
  std::string bytes;
  for (int i = 0; bytes.size() < std::size_t{4} << 20; ++i) bytes += std::to_string(i) + '\n';
  return bytes;
}

std::string content(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  return all.str();
}

Ends make_terminal() {
  Terminal terminal(true);
  return {std::move(terminal.slave), std::move(terminal.master)};
}

/// A master writes what a program under the terminal would read.
Ends make_terminal_backwards() {
  Terminal terminal(true);
  return {std::move(terminal.master), std::move(terminal.slave)};
}

struct Kind {
  const char* name;
  Ends (*make)();
};
const auto kKinds = {Kind{"pipe", make_pipe}, Kind{"socket", make_sockets},
                     Kind{"terminal", make_terminal},
                     Kind{"a terminal's master", make_terminal_backwards}};

}  // namespace

TEST_CASE("write gathers, flush gives", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  Loop loop;
  Heard heard;
  auto ends = kind.make();
  LineWriter writer(loop, ends.in.get(), heard.events());
  writer.write("one\n");
  writer.write("two\n");
  CHECK(writer.pending() == 8);
  CHECK(take(ends.out).empty());
  writer.flush();
  CHECK(writer.pending() == 0);
  std::string got;
  CHECK(run_until(loop, [&] { return (got += take(ends.out)) == "one\ntwo\n"; }));
  CHECK_FALSE(writer.blocked());
  CHECK(heard.drained == 0);  // it was never blocked
}

TEST_CASE("what the system does not take at once is written when it does", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  Loop loop;
  Heard heard;
  auto ends = kind.make();
  LineWriter writer(loop, ends.in.get(), heard.events());
  const auto bytes = flood();
  writer.write(bytes);
  writer.flush();
  REQUIRE(writer.blocked());
  CHECK(writer.pending() > 0);
  CHECK(writer.pending() < bytes.size());

  writer.write("the end\n");
  writer.flush();
  std::string got;
  REQUIRE(run_until(loop, [&] { return (got += take(ends.out)).size() == bytes.size() + 8; }));
  CHECK((got == bytes + "the end\n"));
  CHECK(writer.pending() == 0);
  CHECK_FALSE(writer.blocked());
  CHECK(heard.drained == 1);
  CHECK(heard.closed == 0);
}

TEST_CASE("what is written through comes in its turn, and waits like the rest", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  Loop loop;
  Heard heard;
  auto ends = kind.make();
  LineWriter writer(loop, ends.in.get(), heard.events());
  writer.write("gathered\n");
  writer.write_through("through\n");
  CHECK(writer.pending() == 0);
  const auto bytes = flood();
  writer.write_through(bytes);
  CHECK(writer.blocked());
  CHECK(writer.pending() > 0);
  writer.write_through("last\n");
  std::string got;
  const auto want = "gathered\nthrough\n" + bytes + "last\n";
  CHECK(run_until(loop, [&] {
    got += take(ends.out);
    return got.size() >= want.size() && heard.drained == 1;
  }));
  CHECK(got == want);
  CHECK(writer.pending() == 0);
}

TEST_CASE("the descriptor's flags are as they were, during and after", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  auto ends = kind.make();
  const int before = flags_of(ends.in);
  REQUIRE((before & O_NONBLOCK) == 0);
  {
    Loop loop;
    Heard heard;
    LineWriter writer(loop, ends.in.get(), heard.events());
    writer.write(flood());
    writer.flush();
    CHECK(writer.blocked());
    // A master cannot be opened anew: the one kind whose flags are lent for a while.
    if (kind.make != make_terminal_backwards) CHECK(flags_of(ends.in) == before);
  }
  CHECK(flags_of(ends.in) == before);
}

TEST_CASE("a reader that has gone is heard of while nothing is written", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  if (kind.make == make_terminal_backwards) return;  // a master outlives its terminal
  Loop loop;
  Heard heard;
  auto ends = kind.make();
  LineWriter writer(loop, ends.in.get(), heard.events());
  SECTION("gone later") {
    CHECK_FALSE(run_until(
        loop, [&] { return heard.closed > 0; }, 20ms));
    ends.out.reset();
  }
  SECTION("gone before the writer came") {
    ends.out.reset();
  }
  SECTION("gone while the writer waits") {
    writer.write(flood());
    writer.flush();
    REQUIRE(writer.blocked());
    ends.out.reset();
  }
  REQUIRE(run_until(loop, [&] { return heard.closed > 0; }));
  CHECK(heard.error.empty());
  CHECK(writer.closed());
  CHECK_FALSE(writer.blocked());
  writer.write("too late\n");
  writer.flush();
  CHECK(writer.pending() == 0);
  loop.run();
  CHECK(heard.closed == 1);
}

TEST_CASE("a reader that has gone is heard of when something is written", "[line_writer]") {
  const auto kind = GENERATE(values(kKinds));
  INFO(kind.name);
  if (kind.make == make_terminal_backwards) return;
  Loop loop;
  Heard heard;
  auto ends = kind.make();
  LineWriter writer(loop, ends.in.get(), heard.events());
  ends.out.reset();
  writer.write("a\n");
  writer.flush();
  CHECK(writer.closed());
  CHECK(heard.closed == 0);  // never from inside flush
  loop.run();
  CHECK(heard.closed == 1);
  CHECK(heard.error.empty());
}

TEST_CASE("a named pipe whose reader has gone is closed", "[line_writer]") {
  TempDir dir;
  REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  UniqueFd reader(open((dir / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const UniqueFd out(open((dir / "fifo").c_str(), O_WRONLY | O_CLOEXEC));
  reader.reset();
  Loop loop;
  Heard heard;
  LineWriter writer(loop, out.get(), heard.events());
  loop.run();
  CHECK(heard.closed == 1);
  CHECK(heard.error.empty());
}

TEST_CASE("a descriptor that cannot be written closes with the system's words", "[line_writer]") {
  struct Case {
    const char* why;
    UniqueFd (*make)();
    const char* error;
  };
  const auto c = GENERATE(values<Case>({
      {"closed", [] { return UniqueFd(); }, "Bad file descriptor"},
      {"the reading end of a pipe", [] { return make_pipe().out; }, "Bad file descriptor"},
      {"a full disk", [] { return UniqueFd(open("/dev/full", O_WRONLY | O_CLOEXEC)); },
       "No space left on device"},
      {"a file open for reading", [] { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); },
       "Bad file descriptor"},
  }));
  INFO(c.why);
  Loop loop;
  Heard heard;
  const auto fd = c.make();
  LineWriter writer(loop, fd.get(), heard.events());
  writer.write("a\n");
  writer.flush();
  REQUIRE(run_until(loop, [&] { return heard.closed > 0; }));
  CHECK(heard.error == c.error);
  CHECK(heard.closed == 1);
}

TEST_CASE("/dev/null takes everything", "[line_writer]") {
  Loop loop;
  Heard heard;
  const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  LineWriter writer(loop, null.get(), heard.events());
  writer.write(flood());
  writer.flush();
  CHECK(writer.pending() == 0);
  loop.run();
  CHECK(heard.closed == 0);
}

TEST_CASE("a file is written where its descriptor stands", "[line_writer]") {
  TempDir dir;
  const auto path = dir / "file";
  Loop loop;
  Heard heard;
  SECTION("after what another program wrote to the same descriptor") {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    LineWriter writer(loop, file.get(), heard.events());
    put(file, "header\n");
    writer.write("one\n");
    writer.flush();
    put(file, "between\n");
    writer.write("two\n");
    writer.flush();
    CHECK(content(path) == "header\none\nbetween\ntwo\n");
  }
  SECTION("at the end of a log that others append to") {
    const UniqueFd ours(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const UniqueFd theirs(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    LineWriter writer(loop, ours.get(), heard.events());
    put(theirs, "1\n");
    writer.write("2\n");
    writer.flush();
    put(theirs, "3\n");
    CHECK(content(path) == "1\n2\n3\n");
  }
}

TEST_CASE("the loop goes on while something waits to be written, and only then", "[line_writer]") {
  Loop loop;
  Heard heard;
  auto ends = make_pipe();
  LineWriter writer(loop, ends.in.get(), heard.events());
  writer.write("a\n");
  writer.flush();
  loop.run();  // ends: all was taken
  CHECK(take(ends.out) == "a\n");

  const auto bytes = flood();
  writer.write(bytes);
  writer.flush();
  std::string got;
  BeforeSleep read_along(loop, [&] { got += take(ends.out); });
  loop.run();  // ends when the last byte is out
  got += take(ends.out);
  CHECK((got == bytes));
  CHECK(writer.pending() == 0);
}

TEST_CASE("a writer may be destroyed in its callbacks", "[line_writer]") {
  Loop loop;
  auto ends = make_pipe();
  std::optional<LineWriter> writer;
  int heard = 0;
  const auto end = [&] {
    ++heard;
    writer.reset();
  };
  writer.emplace(loop, ends.in.get(),
                 LineWriter::Events{.on_drained = end, .on_closed = [&](std::string) { end(); }});
  SECTION("on_drained") {
    writer->write(flood());
    writer->flush();
    REQUIRE(run_until(loop, [&] {
      take(ends.out);
      return heard > 0;
    }));
  }
  SECTION("on_closed") {
    ends.out.reset();
    REQUIRE(run_until(loop, [&] { return heard > 0; }));
  }
  SECTION("before on_closed was called") {
    ends.out.reset();
    writer->write("a\n");
    writer->flush();
    writer.reset();
    loop.run();
    CHECK(heard == 0);
    return;
  }
  CHECK(heard == 1);
}
