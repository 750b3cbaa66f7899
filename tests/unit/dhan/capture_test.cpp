#include "dhan/capture.hpp"

#include "support/hex.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ltp::dhan;
using capture::Line;

namespace {

std::string hex_of(Bytes bytes) {
  std::string text;
  for (const auto byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[std::to_integer<unsigned>(byte) / 16];
    text += kDigits[std::to_integer<unsigned>(byte) % 16];
  }
  return text;
}

}  // namespace

TEST_CASE("a message is written as time, size and hexadecimal digits", "[dhan]") {
  std::string out = "before\n";
  capture::append_message(out, 1767588330123456, from_hex("02 1000 01 450b0000 9af53145 418f5b69"));
  capture::append_message(out, 0, {});
  capture::append_message(out, 7, from_hex("00 ff 9a"));
  CHECK(out ==
        "before\n"
        "1767588330123456 16 02100001450b00009af53145418f5b69\n"
        "0 0\n"
        "7 3 00ff9a\n");
}

TEST_CASE("a message line is read back", "[dhan]") {
  struct Case {
    const char* why;
    std::string line;
    std::int64_t recv_us;
    const char* hex;
  };
  const auto c = GENERATE(values<Case>({
      {"as it is written", "1767588330123456 4 0210ff01\n", 1767588330123456, "0210ff01"},
      {"without a newline", "1767588330123456 4 0210ff01", 1767588330123456, "0210ff01"},
      {"from another system", "1767588330123456 4 0210ff01\r\n", 1767588330123456, "0210ff01"},
      {"capital digits", "1 4 0210fF0A\n", 1, "0210ff0a"},
      {"an empty message", "1767588330123456 0\n", 1767588330123456, ""},
      {"an empty message and a blank", "1767588330123456 0 \n", 1767588330123456, ""},
      {"the latest time", "253402300799999999 1 00\n", 253402300799999999, "00"},
  }));
  INFO(c.why);
  capture::Reader reader;
  const auto line = reader.read(c.line);
  REQUIRE(line.kind == Line::Kind::kMessage);
  CHECK(line.recv_us == c.recv_us);
  CHECK(hex_of(line.message) == c.hex);
}

TEST_CASE("a line that is no message says what it is", "[dhan]") {
  struct Case {
    const char* why;
    std::string line;
    Line::Kind kind;
  };
  const auto c = GENERATE(values<Case>({
      {"the header", "ltp-capture 1\n", Line::Kind::kHeader},
      {"a header of tomorrow", "ltp-capture 2\n", Line::Kind::kOtherVersion},
      {"a header cut short", "ltp-capture \n", Line::Kind::kOtherVersion},
      {"a header with more behind it", "ltp-capture 1 x\n", Line::Kind::kOtherVersion},
      {"half of the header's name", "ltp-capt\n", Line::Kind::kDamaged},
      {"an empty line", "\n", Line::Kind::kNote},
      {"nothing at all", "", Line::Kind::kNote},
      {"a note", "# 9:15, the market opens\n", Line::Kind::kNote},
      {"a word", "hello\n", Line::Kind::kDamaged},
      {"a tick line", "{\"type\":\"screener_ltp_update\"}\n", Line::Kind::kDamaged},
      {"the time alone", "1767588330123456\n", Line::Kind::kDamaged},
      {"the time and a blank", "1767588330123456 \n", Line::Kind::kDamaged},
      {"no bytes where some should be", "1767588330123456 2\n", Line::Kind::kDamaged},
      {"one digit short", "1767588330123456 2 00f\n", Line::Kind::kDamaged},
      {"one byte short", "1767588330123456 2 00\n", Line::Kind::kDamaged},
      {"one digit too many", "1767588330123456 2 00ff0\n", Line::Kind::kDamaged},
      {"a letter that is no digit", "1767588330123456 2 00fg\n", Line::Kind::kDamaged},
      {"a blank among the digits", "1767588330123456 2 0 ff\n", Line::Kind::kDamaged},
      {"a byte above ASCII", "1767588330123456 2 00f\xe9\n", Line::Kind::kDamaged},
      {"a NUL", std::string("1767588330123456 2 00f\0\n", 24), Line::Kind::kDamaged},
      {"a negative time", "-1 1 00\n", Line::Kind::kDamaged},
      {"a time with a sign", "+1 1 00\n", Line::Kind::kDamaged},
      {"a time after the year 9999", "253402300800000000 1 00\n", Line::Kind::kDamaged},
      {"a time past all numbers", "99999999999999999999 1 00\n", Line::Kind::kDamaged},
      {"a negative size", "1 -1 00\n", Line::Kind::kDamaged},
      {"a size whose double is 0 in 64 bits", "1 9223372036854775808\n", Line::Kind::kDamaged},
      {"a blank in front", " 1 1 00\n", Line::Kind::kDamaged},
      {"two blanks", "1  1 00\n", Line::Kind::kDamaged},
      {"a tab", "1\t1\t00\n", Line::Kind::kDamaged},
  }));
  INFO(c.why);
  capture::Reader reader;
  CHECK(reader.read(c.line).kind == c.kind);
}

TEST_CASE("a line cut short at any place is never taken for a whole one", "[dhan]") {
  std::string line;
  capture::append_message(line, 1767588330123456,
                          from_hex("02 1000 01 450b0000 9af53145 418f5b69"));
  line.pop_back();  // without the newline it is still whole
  capture::Reader reader;
  for (std::size_t size = 1; size < line.size(); ++size) {
    INFO(line.substr(0, size));
    CHECK(reader.read(line.substr(0, size)).kind == Line::Kind::kDamaged);
  }
}

TEST_CASE("every byte value and the largest message come back as they were", "[dhan]") {
  std::vector<std::byte> message(capture::kMaxMessage);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i * 7);
  std::string line;
  capture::append_message(line, capture::kMaxTime_us, message);
  CHECK(line.size() <= capture::kMaxLine);
  capture::Reader reader;
  const auto read = reader.read(line);
  REQUIRE(read.kind == Line::Kind::kMessage);
  CHECK(std::equal(read.message.begin(), read.message.end(), message.begin(), message.end()));

  message.push_back(std::byte{0});
  line.clear();
  capture::append_message(line, 1, message);
  CHECK(reader.read(line).kind == Line::Kind::kDamaged);
}

TEST_CASE("a reader's answer does not depend on what it read before", "[dhan]") {
  capture::Reader reader;
  REQUIRE(reader.read("1 4 aabbccdd\n").kind == Line::Kind::kMessage);
  REQUIRE(reader.read("1 4 aabbccdg\n").kind == Line::Kind::kDamaged);
  const auto line = reader.read("2 1 11\n");
  REQUIRE(line.kind == Line::Kind::kMessage);
  CHECK(hex_of(line.message) == "11");
}
