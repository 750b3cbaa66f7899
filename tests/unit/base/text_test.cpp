#include "base/text.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using namespace ltp;

TEST_CASE("cat joins texts, letters and whole numbers", "[base]") {
  CHECK(cat() == "");
  CHECK(cat("retrying in ", 4, " s") == "retrying in 4 s");
  CHECK(cat(std::string("a"), std::string_view("b"), 'c', "d") == "abcd");
  CHECK(cat(-1, ' ', 0u, ' ', std::numeric_limits<std::int64_t>::min(), ' ',
            std::numeric_limits<std::uint64_t>::max()) ==
        "-1 0 -9223372036854775808 18446744073709551615");
  CHECK(cat(std::uint8_t{65}, std::int8_t{-1}, std::uint16_t{805}) == "65-1805");  // numbers, no letters
  CHECK(cat("%s %n {}", 1) == "%s %n {}1");
  CHECK(cat(std::string_view("a\0b", 3), "c") == std::string("a\0bc", 4));
}

TEST_CASE("printable shows what a terminal must not be sent", "[base]") {
  struct Case { const char* why; std::string_view text; const char* want; };
  const auto c = GENERATE(values<Case>({
      {"nothing", "", ""},
      {"plain", "a~ !Z", "a~ !Z"},
      {"a line of its own", "x\nltp-feed: all is well", "x\\x0altp-feed: all is well"},
      {"an escape sequence", "\x1b[2J", "\\x1b[2J"},
      {"zero, DEL, 0x80, 0xff", {"\0\x7f\x80\xff", 4}, "\\x00\\x7f\\x80\\xff"},
      {"UTF-8 byte by byte", "\u20b9", "\\xe2\\x82\\xb9"},
  }));
  INFO(c.why);
  CHECK(printable(c.text) == c.want);
}

TEST_CASE("printable takes no more than it is told", "[base]") {
  CHECK(printable(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(printable(std::string(81, 'a')) == std::string(80, 'a') + "...");
  CHECK(printable("abcdef", 3) == "abc...");
  CHECK(printable("\n\n\n\n", 2) == "\\x0a\\x0a...");
  CHECK(printable("a", 0) == "...");
  CHECK(printable("", 0).empty());
}

TEST_CASE("counted knows the one from the many", "[base]") {
  CHECK(counted(0, "line") == "0 lines");
  CHECK(counted(1, "line") == "1 line");
  CHECK(counted(2, "line") == "2 lines");
  CHECK(counted(18446744073709551615u, "tick") == "18446744073709551615 ticks");
}

TEST_CASE("trim takes blanks off both ends only", "[base]") {
  CHECK(trim("") == "");
  CHECK(trim(" \t\r\n\v\f") == "");
  CHECK(trim("a") == "a");
  CHECK(trim("  a b\r\n") == "a b");
  CHECK(trim("\ta") == "a");
  CHECK(trim("a\v") == "a");
  CHECK(trim(std::string_view("\0 a \0", 5)) == std::string_view("\0 a \0", 5));
  const std::string_view text = "  view ";
  CHECK(trim(text).data() == text.data() + 2);  // no copy
}
