#include "filter/board.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <unordered_map>

using namespace ltp;
using namespace ltp::filter;

namespace {

constexpr Instrument kOne{Segment::kNseEq, 1};
constexpr Instrument kTwo{Segment::kNseEq, 2};

/// The slot whose turn it is.
const Board::Slot& next(Board& board) {
  return board[board.pop()];
}

}  // namespace

TEST_CASE("of each instrument the latest waits, in the order in which they first did", "[filter]") {
  Board board;
  CHECK_FALSE(board.put(kOne, "1", "line 1", kPrice, 100));
  CHECK_FALSE(board.put(kTwo, "2", "", kPrice | kLine, 110));
  CHECK(board.put(kOne, "3", "line 3", kPublish, 120) == 100);  // waited since then
  REQUIRE(board.waiting() == 2);

  const auto& first = next(board);
  CHECK(first.instrument == kOne);
  CHECK(first.price == "3");
  CHECK(first.line == "line 3");
  CHECK(first.todo == kPublish);
  CHECK(first.put_ms == 120);
  const auto& second = next(board);
  CHECK(second.instrument == kTwo);
  CHECK(second.price == "2");
  CHECK(second.line.empty());
  CHECK(board.waiting() == 0);
  CHECK_FALSE(board.put(kOne, "4", "", kPrice, 130));  // waits anew
}

TEST_CASE("the feed's word has a slot of its own", "[filter]") {
  Board board;
  board.put(kOne, "1", "", kPrice, 0);
  CHECK_FALSE(board.put_status("up", kPublish, 5));
  CHECK(board.put_status("down", kPublish, 6) == 5);
  CHECK(next(board).instrument == kOne);
  const auto& status = next(board);
  CHECK_FALSE(status.instrument);
  CHECK(status.line == "down");
}

TEST_CASE("what is put back waits with the text that is the latest by then", "[filter]") {
  Board board;
  board.put(kOne, "1", "", kPrice | kPublish, 100);
  const auto one = board.pop();
  board[one].todo = 0;  // sent

  SECTION("nothing newer came") {
    CHECK(board.put_back(one, kPrice));
    const auto& slot = next(board);
    CHECK(slot.price == "1");
    CHECK(slot.todo == kPrice);
    CHECK(slot.since_ms == 100);
  }
  SECTION("a newer one was sent and is lost likewise") {
    board.put(kOne, "2", "", kPrice | kPublish, 200);
    board.pop();
    board[one].todo = 0;
    CHECK(board.put_back(one, kPrice));          // of the first
    CHECK_FALSE(board.put_back(one, kPublish));  // of the second
    REQUIRE(board.waiting() == 1);
    const auto& slot = next(board);
    CHECK(slot.price == "2");
    CHECK(slot.todo == (kPrice | kPublish));
  }
  SECTION("a newer one waits already") {
    board.put(kOne, "3", "", kPublish, 300);
    CHECK_FALSE(board.put_back(one, kPrice));
    REQUIRE(board.waiting() == 1);
    const auto& slot = next(board);
    CHECK(slot.price == "3");
    CHECK(slot.todo == (kPrice | kPublish));
    CHECK(slot.since_ms == 300);
  }
}

TEST_CASE("instruments are numbered in the order in which they come", "[filter]") {
  SlotIndex index;
  CHECK(index.number(kTwo) == 0);
  CHECK(index.number(kOne) == 1);
  CHECK(index.number({Segment::kIdxI, 1}) == 2);
  CHECK(index.number({Segment::kBseFno, 4294967295}) == 3);
  CHECK(index.number(kTwo) == 0);
  CHECK(index.size() == 4);
}

TEST_CASE("a number is kept, however many instruments there are", "[filter]") {
  SlotIndex index;
  std::unordered_map<Instrument, std::uint32_t> want;
  std::mt19937 random(20260105);
  for (int i = 0; i < 200'000; ++i) {
    // Dense, as lists are, and far apart, as ids of options are.
    const auto id =
        i % 2 == 0 ? static_cast<std::uint32_t>(i + 1) : static_cast<std::uint32_t>(random() | 1);
    const Instrument instrument{i % 3 == 0 ? Segment::kNseEq : Segment::kMcxComm, id};
    const auto number = want.try_emplace(instrument, static_cast<std::uint32_t>(want.size()));
    REQUIRE(index.number(instrument) == number.first->second);
  }
  for (const auto& [instrument, number] : want) REQUIRE(index.number(instrument) == number);
  CHECK(index.size() == want.size());
}
