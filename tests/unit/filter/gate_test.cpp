#include "filter/gate.hpp"

#include <catch2/catch.hpp>

#include <string>

using ltp::filter::Gate;

TEST_CASE("a block goes on when what was made of it is answered", "[filter]") {
  Gate gate(100);
  gate.hold("a", 1, 0);
  gate.hold("b", 3, 0);
  CHECK(gate.take().empty());
  CHECK(gate.held_bytes() == 2);
  gate.answered(1, 1);
  CHECK(gate.take() == "a");
  gate.answered(2, 1);
  CHECK(gate.take().empty());
  gate.answered(3, 1);
  CHECK(gate.take() == "b");
  CHECK(gate.held_bytes() == 0);
  CHECK_FALSE(gate.expires_ms());
}

TEST_CASE("a block of which nothing was made goes on in its turn", "[filter]") {
  Gate gate(100);
  gate.hold("a", 0, 0);
  CHECK(gate.take() == "a");
  gate.hold("b", 1, 0);
  gate.hold("c", 1, 0);
  CHECK(gate.take().empty());
  gate.answered(1, 0);
  CHECK(gate.take() == "bc");
}

TEST_CASE("after the patience the gate is open until Redis has caught up", "[filter]") {
  Gate gate(100);
  gate.hold("a", 1, 1000);
  gate.hold("b", 2, 1050);
  REQUIRE(gate.expires_ms() == 1100);
  gate.expire(1099);
  CHECK(gate.take().empty());
  gate.expire(1100);
  CHECK(gate.take() == "ab");
  gate.hold("c", 3, 1150);
  CHECK(gate.take() == "c");  // open
  gate.answered(2, 1300);     // took 200 ms, and there is more: still too slow
  gate.hold("d", 4, 1300);
  CHECK(gate.take() == "d");
  gate.answered(4, 1350);  // all is answered
  gate.hold("e", 5, 1400);
  CHECK(gate.take().empty());
  gate.answered(5, 1401);
  CHECK(gate.take() == "e");
}

TEST_CASE("the count of answers may go back when a Redis returns", "[filter]") {
  Gate gate(100);
  gate.answered(10, 0);  // away: nothing is waited for
  gate.hold("a", 8, 0);
  CHECK(gate.take() == "a");
  gate.answered(5, 1);  // back, and 3 are still to be sent
  gate.hold("b", 8, 2);
  CHECK(gate.take().empty());
  gate.answered(8, 3);
  CHECK(gate.take() == "b");
}

TEST_CASE("bytes leave as they came, however they were cut", "[filter]") {
  Gate gate(100);
  std::string in, out;
  for (int i = 0; i < 1000; ++i) {
    const std::string block(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    gate.hold(block, static_cast<std::uint64_t>(i), 0);
    in += block;
    if (i % 3 == 0) gate.answered(static_cast<std::uint64_t>(i - i % 5), 0);
    out += gate.take();
  }
  gate.answered(1000, 0);
  out += gate.take();
  CHECK(out == in);
}
