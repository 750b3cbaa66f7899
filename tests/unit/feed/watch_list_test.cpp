#include "watch_list.hpp"

#include "base/fault.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace ltp;
using ltp::feed::WatchList;

TEST_CASE("a watch list keeps order, names each once and knows symbols", "[feed]") {
  std::istringstream lines(
      "\xef\xbb\xbf# what we trade\n"
      "NSE_EQ:2885   RELIANCE   # the largest\r\n"
      "\n"
      "nse_eq:11536\tTCS Ltd\n"
      "IDX_I:13\n"
      "  NSE_EQ:2885 again\n"
      "IDX_I:13 NIFTY");
  WatchList watch;
  watch.add_argument("BSE_EQ:500325");
  watch.add_lines(lines, "list");
  CHECK(watch.instruments() == std::vector<Instrument>{{Segment::kBseEq, 500325},
                                                       {Segment::kNseEq, 2885},
                                                       {Segment::kNseEq, 11536},
                                                       {Segment::kIdxI, 13}});
  CHECK(watch.symbol({Segment::kNseEq, 2885}) == "RELIANCE");
  CHECK(watch.symbol({Segment::kNseEq, 11536}) == "TCS Ltd");
  CHECK(watch.symbol({Segment::kIdxI, 13}) == "NIFTY");  // named the second time only
  CHECK(watch.symbol({Segment::kBseEq, 500325}).empty());
  CHECK(watch.symbol({Segment::kBseEq, 1}).empty());
}

TEST_CASE("a bad line is refused by file, number and text", "[feed]") {
  struct Case { const char* lines; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"NSE_EQ:1\nRELIANCE\n", "list:2: 'RELIANCE' is no instrument"},
      {"NSE_EQ:0\n", "list:1: 'NSE_EQ:0' is no instrument"},
      {"FOO:1\n", "list:1: 'FOO:1' is no instrument"},
      {"\xff\xfe\n", "list:1: '\\xff\\xfe' is no instrument"},
  }));
  std::istringstream lines(c.lines);
  WatchList watch;
  try {
    watch.add_lines(lines, "list");
    FAIL("accepted: " << c.lines);
  } catch (const StartError& error) {
    CHECK(error.fault() == Fault::kBadInput);
    CHECK(std::string(error.what()).starts_with(c.said));
  }
}
