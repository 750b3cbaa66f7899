#include "wrap.hpp"

#include <catch2/catch.hpp>

using namespace ltp::serve;

namespace {
/// The head of a text frame of so many bytes, below 126.
std::string head(std::size_t size) {
  return {'\x81', static_cast<char>(size)};
}
std::string put(const Wrap& wrap) {
  std::string buffer = "old";
  Parcel parcel(buffer, wrap, 1767588330'400);
  parcel.tick("T1", 41);
  parcel.tick("T2", 42);
  parcel.other("O");
  parcel.tick("T3", 44);
  return std::string(parcel.done());
}
}  // namespace

TEST_CASE("each dialect puts the same lines in its own way", "[serve][wrap]") {
  SECTION("WebSocket frames") {
    CHECK(put({.prefix = "<", .suffix = ">"}) ==
          head(4) + "<T1>" + head(4) + "<T2>" + head(3) + "<O>" + head(4) + "<T3>");
  }
  SECTION("lines") {
    CHECK(put({.framed = false, .suffix = "\n"}) == "T1\nT2\nO\nT3\n");
  }
  SECTION("with the place of each tick") {
    CHECK(put({.framed = false,
               .prefix = "(",
               .suffix = ")",
               .place_prefix = "(#",
               .place_infix = ":"}) == "(#41:T1)(#42:T2)(O)(#44:T3)");
  }
  SECTION("in batches, which other lines end") {
    CHECK(
        put({.framed = false, .prefix = "<", .suffix = ">", .batch = Wrap::Batch::kUpdates}) ==
        R"(<{"type":"screener_ltp_batch_update","updates":[T1,T2],"timestamp":"2026-01-05T10:15:30+05:30"}>)"
        "<O>"
        R"(<{"type":"screener_ltp_batch_update","updates":[T3],"timestamp":"2026-01-05T10:15:30+05:30"}>)");
  }
  SECTION("a batch is one frame, however long") {
    const Wrap wrap{.batch = Wrap::Batch::kUpdates};
    std::string buffer;
    Parcel parcel(buffer, wrap, 0);
    const std::string line(100, 'x');
    parcel.tick(line, 1);
    parcel.tick(line, 2);
    // 47 before, 201 of lines, 42 behind
    const std::string all(parcel.done());
    REQUIRE(all.size() == 4 + 47 + 201 + 42);
    CHECK(all.substr(0, 4) == std::string{'\x81', 126, 1, static_cast<char>(47 + 201 + 42 - 256)});
  }
}

TEST_CASE("a batch of lines is one frame, and a line never looks like two", "[serve][wrap]") {
  const Wrap wrap{.batch = Wrap::Batch::kLines};
  CHECK(put(wrap) == head(10) + "T1\nT2\nO\nT3");
  std::string buffer;
  Parcel parcel(buffer, wrap, 0);
  parcel.tick("{\n\"a\":1}", 1);
  parcel.other("{}\r");
  CHECK(parcel.done() == head(12) + "{ \"a\":1}\n{} ");
  CHECK(Parcel(buffer, wrap, 0).done().empty());
}

TEST_CASE("what was left out is told as a number", "[serve][wrap]") {
  CHECK(conflated_line(7) == R"({"type":"conflated","skipped":7})");
}
