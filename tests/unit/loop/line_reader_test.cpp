#include "descriptors.hpp"
#include "loop/line_reader.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <optional>

using namespace std::chrono_literals;
using namespace ltp::loop;
using ltp::UniqueFd;

namespace {

constexpr auto kMaxLine = LineReader::kMaxLine;

/// Writes down what a reader says, in order: "[a\n] dry end".
struct Diary {
  std::string story;
  std::string text;
  std::string fragments;  // how many bytes of `text` came as fragments, and in how many
  int pieces = 0;
  bool ended = false;
  std::string error;
  unsigned spare_sum = 0;
  std::function<void()> after_lines = [] {};
  std::function<void()> after_dry = [] {};

  LineReader::Events events() {
    return {.on_lines = [this](std::string_view block, bool fragment) { lines(block, fragment); },
            .on_dry =
                [this] {
                  story += "dry ";
                  after_dry();
                },
            .on_end =
                [this](std::string why) {
                  story += "end";
                  ended = true;
                  error = std::move(why);
                }};
  }

  void lines(std::string_view block, bool fragment) {
    // Under the sanitizers this is the test that the spare bytes are there.
    for (std::size_t i = 0; i < LineReader::kSpare; ++i) {
      spare_sum += static_cast<unsigned char>(block.data()[block.size() + i]);
    }
    text += block;
    if (fragment) {
      ++pieces;
      fragments += block;
    } else {
      story += "[";
      story += block.size() < 64 ? block : "...";
      story += "] ";
    }
    after_lines();
  }
};

UniqueFd file_with(const TempDir& dir, std::string_view content) {
  UniqueFd file(open((dir / "file").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  put(file, content);
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

}  // namespace

TEST_CASE("lines come as they were, whatever the bytes", "[line_reader]") {
  using namespace std::string_literals;
  struct Case {
    const char* why;
    std::string input;
    std::string story;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", "", "dry end"},
      {"one line", "a\n", "[a\n] dry end"},
      {"the last line lacks its newline", "a\nb", "[a\n] [b] dry end"},
      {"only a line without newline", "a", "[a] dry end"},
      {"empty lines", "\n\n", "[\n\n] dry end"},
      {"carriage returns stay", "a\r\nb\r\n", "[a\r\nb\r\n] dry end"},
      {"a NUL is a byte like others", "a\0b\n\0"s, "[a\0b\n] [\0] dry end"s},
      {"bytes that are no UTF-8", "\xff\xfe\n", "[\xff\xfe\n] dry end"},
  }));
  INFO(c.why);
  Loop loop;
  Diary diary;

  SECTION("from a file") {
    TempDir dir;
    const auto file = file_with(dir, c.input);
    LineReader reader(loop, file.get(), diary.events());
    CHECK(diary.story.empty());  // nothing comes from the constructor
    loop.run();
  }
  SECTION("from a pipe") {
    auto ends = make_pipe();
    put(ends.in, c.input);
    ends.in.reset();
    LineReader reader(loop, ends.out.get(), diary.events());
    loop.run();
  }
  SECTION("from a socket") {
    auto ends = make_sockets();
    put(ends.in, c.input);
    ends.in.reset();
    LineReader reader(loop, ends.out.get(), diary.events());
    loop.run();
  }
  CHECK(diary.story == c.story);
  CHECK(diary.error.empty());
}

TEST_CASE("a terminal gives its lines and ends with Ctrl-D", "[line_reader]") {
  Loop loop;
  Diary diary;
  const Terminal terminal(false);
  LineReader reader(loop, terminal.slave.get(), diary.events());
  put(terminal.master, "one\n");
  REQUIRE(run_until(loop, [&] { return diary.story == "[one\n] dry "; }));
  put(terminal.master, "two\n\x04");
  REQUIRE(run_until(loop, [&] { return diary.ended; }));
  CHECK(diary.text == "one\ntwo\n");
}

TEST_CASE("/dev/null is an input that ends at once", "[line_reader]") {
  Loop loop;
  Diary diary;
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  LineReader reader(loop, null.get(), diary.events());
  loop.run();
  CHECK(diary.story == "dry end");
}

TEST_CASE("a descriptor that cannot be read ends with the system's words", "[line_reader]") {
  Loop loop;
  Diary diary;
  SECTION("closed") {
    int closed = make_pipe().out.get();
    LineReader reader(loop, closed, diary.events());
    CHECK(diary.story.empty());
    loop.run();
    CHECK(diary.error == "Bad file descriptor");
  }
  SECTION("a directory") {
    const UniqueFd directory(open("/tmp", O_RDONLY | O_CLOEXEC));
    LineReader reader(loop, directory.get(), diary.events());
    loop.run();
    CHECK(diary.error == "Is a directory");
  }
  SECTION("open for writing only") {
    const auto ends = make_pipe();
    LineReader reader(loop, ends.in.get(), diary.events());
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    LineReader other(loop, null.get(), diary.events());
    REQUIRE(run_until(loop, [&] { return diary.ended; }));
    CHECK(diary.error == "Bad file descriptor");
  }
  CHECK(diary.story == "dry end");
}

TEST_CASE("a connection that breaks ends with the system's words", "[line_reader]") {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  REQUIRE(bind(listener.get(), reinterpret_cast<sockaddr*>(&here), size) == 0);
  REQUIRE(listen(listener.get(), 1) == 0);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&here), &size);
  UniqueFd peer(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(connect(peer.get(), reinterpret_cast<sockaddr*>(&here), size) == 0);
  const UniqueFd accepted(accept(listener.get(), nullptr, nullptr));

  const linger reset{1, 0};
  setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  peer.reset();

  Loop loop;
  Diary diary;
  LineReader reader(loop, accepted.get(), diary.events());
  loop.run();
  CHECK(diary.story == "dry end");
  CHECK(diary.error == "Connection reset by peer");
}

TEST_CASE("dry comes each time what there was has been handed over", "[line_reader]") {
  Loop loop;
  Diary diary;
  auto ends = make_pipe();
  LineReader reader(loop, ends.out.get(), diary.events());

  put(ends.in, "a\nb\n");
  REQUIRE(run_until(loop, [&] { return diary.story == "[a\nb\n] dry "; }));
  put(ends.in, "half");
  put(ends.in, " a line\nnex");
  REQUIRE(run_until(loop, [&] { return diary.text.ends_with("half a line\n"); }));
  put(ends.in, "t\n");
  REQUIRE(run_until(loop, [&] { return diary.text.ends_with("next\n"); }));
  CHECK(diary.story.ends_with("[next\n] dry "));
}

TEST_CASE("a part of a line waits for the rest without a word", "[line_reader]") {
  Loop loop;
  Diary diary;
  auto ends = make_pipe();
  LineReader reader(loop, ends.out.get(), diary.events());
  put(ends.in, "half");
  REQUIRE(run_until(loop, [&] {
    int waiting = 0;
    ioctl(ends.out.get(), FIONREAD, &waiting);
    return waiting == 0;  // it has been read
  }));
  CHECK(diary.story.empty());
  put(ends.in, "\n");
  REQUIRE(run_until(loop, [&] { return diary.story == "[half\n] dry "; }));
}

TEST_CASE("a line is whole up to kMaxLine bytes and comes in pieces above", "[line_reader]") {
  struct Case {
    const char* why;
    std::size_t length;  // with its newline, if it has one
    bool newline;
    bool whole;
  };
  const auto c = GENERATE(values<Case>({
      {"just fits", kMaxLine, true, true},
      {"one byte too many", kMaxLine + 1, true, false},
      {"the last line just fits", kMaxLine, false, true},
      {"the last line is one byte too long", kMaxLine + 1, false, false},
      {"far too long", 3 * kMaxLine, true, false},
      {"far too long, the last line", 3 * kMaxLine, false, false},
  }));
  INFO(c.why);
  std::string line(c.length, 'x');
  if (c.newline) line.back() = '\n';
  const std::string before = "before\n";
  const std::string after = c.newline ? "after 1\nafter 2\n" : "";

  Loop loop;
  Diary diary;
  TempDir dir;
  const auto file = file_with(dir, before + line + after);
  LineReader reader(loop, file.get(), diary.events());
  loop.run();
  CHECK((diary.text == before + line + after));
  CHECK((diary.fragments == (c.whole ? std::string() : line)));
  if (c.length == 3 * kMaxLine) CHECK(diary.pieces > 1);
  CHECK(diary.ended);
}

TEST_CASE("many lines from a file come whole and in order", "[line_reader]") {
  // 11 bytes a line: no read ends where a line does.
  std::string content;
  for (int i = 1'000'000; i < 1'400'000; ++i) content += "n " + std::to_string(i) + " \n";
  TempDir dir;
  const auto file = file_with(dir, content);
  Loop loop;
  Diary diary;
  int blocks = 0;
  bool all_whole = true;
  auto events = diary.events();
  events.on_lines = [&](std::string_view block, bool fragment) {
    ++blocks;
    all_whole = all_whole && !fragment && block.size() % 11 == 0 && block.ends_with('\n');
    diary.text += block;
  };
  LineReader reader(loop, file.get(), events);
  loop.run();
  CHECK((diary.text == content));
  CHECK(all_whole);
  CHECK(blocks < 30);  // large blocks, not line by line: 4.4 MB
}

TEST_CASE("a file leaves others their turn", "[line_reader]") {
  TempDir dir;
  std::string content(std::size_t{8} << 20, '\n');
  const auto file = file_with(dir, content);
  Loop loop;
  Diary diary;
  int others = 0;
  std::function<void()> other = [&] {
    ++others;
    if (!diary.ended) loop.defer(other);
  };
  loop.defer(other);
  LineReader reader(loop, file.get(), diary.events());
  loop.run();
  CHECK(diary.text.size() == content.size());
  CHECK(others >= 8);
}

TEST_CASE("nothing comes between pause and resume, not even the end", "[line_reader]") {
  Loop loop;
  Diary diary;
  auto ends = make_pipe();
  LineReader reader(loop, ends.out.get(), diary.events());

  SECTION("paused from outside") {
    reader.pause();
    put(ends.in, "a\n");
    ends.in.reset();
    loop.run();  // ends: nothing can happen while the only reader is paused
    CHECK(diary.story.empty());
    reader.resume();
    CHECK(diary.story.empty());
    loop.run();
    CHECK(diary.story == "[a\n] dry end");
  }
  SECTION("paused from a block") {
    diary.after_lines = [&] { reader.pause(); };
    put(ends.in, "a\nb");
    ends.in.reset();
    loop.run();
    CHECK(diary.story == "[a\n] ");
    reader.resume();
    loop.run();
    CHECK(diary.story == "[a\n] [b] ");
    reader.resume();
    loop.run();
    CHECK(diary.story == "[a\n] [b] dry end");
  }
  SECTION("paused from dry") {
    diary.after_dry = [&] { reader.pause(); };
    put(ends.in, "a\n");
    ends.in.reset();
    loop.run();
    CHECK(diary.story == "[a\n] dry ");
    reader.resume();
    loop.run();
    CHECK(diary.story == "[a\n] dry end");
  }
  SECTION("paused and resumed at once") {
    diary.after_lines = [&] {
      reader.pause();
      reader.resume();
    };
    put(ends.in, "a\nb\n");
    ends.in.reset();
    loop.run();
    CHECK(diary.story == "[a\nb\n] dry end");
  }
}

TEST_CASE("what a full pipe holds stays there while the reader is paused", "[line_reader]") {
  Loop loop;
  Diary diary;
  auto ends = make_pipe();
  LineReader reader(loop, ends.out.get(), diary.events());
  diary.after_lines = [&] { reader.pause(); };
  put(ends.in, "a\n");
  loop.run();
  put(ends.in, "b\n");
  loop.run();
  CHECK(diary.story == "[a\n] ");
  int waiting = 0;
  ioctl(ends.out.get(), FIONREAD, &waiting);
  CHECK(waiting == 2);
}

TEST_CASE("a reader may be destroyed in any of its callbacks", "[line_reader]") {
  const std::string where = GENERATE("lines", "dry", "end");
  const bool from_file = GENERATE(true, false);
  CAPTURE(where, from_file);
  Loop loop;
  TempDir dir;
  auto file = file_with(dir, "a\nb");
  auto ends = make_pipe();
  put(ends.in, "a\nb");
  ends.in.reset();

  std::optional<LineReader> reader;
  std::string story;
  const auto said = [&](const std::string& what) {
    story += what + " ";
    if (what == where) reader.reset();
  };
  reader.emplace(loop, from_file ? file.get() : ends.out.get(),
                 LineReader::Events{.on_lines = [&](std::string_view, bool) { said("lines"); },
                                    .on_dry = [&] { said("dry"); },
                                    .on_end = [&](std::string) { said("end"); }});
  loop.run();
  CHECK_FALSE(reader);
  CHECK(story == (where == "lines" ? "lines "
                  : where == "dry" ? "lines lines dry "
                                   : "lines lines dry end "));
}

TEST_CASE("reading leaves the descriptor's flags as they were", "[line_reader]") {
  Loop loop;
  Diary diary;
  auto ends = make_pipe();
  const Terminal terminal(false);
  const int pipe_before = flags_of(ends.out);
  const int terminal_before = flags_of(terminal.slave);
  {
    LineReader one(loop, ends.out.get(), diary.events());
    LineReader two(loop, terminal.slave.get(), diary.events());
    put(ends.in, "a\n");
    put(terminal.master, "b\n");
    REQUIRE(run_until(loop, [&] { return diary.text.size() == 4; }));
    CHECK(flags_of(ends.out) == pipe_before);
    CHECK(flags_of(terminal.slave) == terminal_before);
  }
  CHECK(flags_of(ends.out) == pipe_before);
  CHECK(flags_of(terminal.slave) == terminal_before);
  CHECK((pipe_before & O_NONBLOCK) == 0);
}
