#include "instruments/entries.hpp"

#include "base/fault.hpp"
#include "instruments/resolve.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using ltp::instruments::Entries;

TEST_CASE("ids need no master: order is kept, each comes once, symbols are known",
          "[instruments]") {
  Entries entries;
  entries.add_argument("BSE_EQ:500325");
  entries.add_lines(
      "\xef\xbb\xbf# what we trade\n"
      "NSE_EQ:2885   RELIANCE   # the largest\r\n"
      "\n"
      "nse_eq:11536\tTCS Ltd\n"
      "IDX_I:13\n"
      "  NSE_EQ:2885 again\n"
      "IDX_I:13 NIFTY",
      "list");
  REQUIRE_FALSE(entries.has_names());
  const auto watch = without_master(entries);
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

TEST_CASE("a line that is no id is a name, blanks and all", "[instruments]") {
  Entries entries;
  entries.add_argument(" reliance ");
  entries.add_lines("India VIX  # fear\nBSE:Sensex\n", "list");
  REQUIRE(entries.has_names());
  REQUIRE(entries.all().size() == 3);
  CHECK(std::get<dhan::Name>(entries.all()[0].what).symbol == "reliance");
  CHECK(entries.all()[0].where.empty());
  CHECK(std::get<dhan::Name>(entries.all()[1].what).symbol == "India VIX");
  CHECK(entries.all()[1].where == "list:1");
  const auto sensex = std::get<dhan::Name>(entries.all()[2].what);
  CHECK(sensex.scope == dhan::Scope::kExchange);
  CHECK(sensex.exchange == dhan::Exchange::kBse);
  CHECK(sensex.symbol == "Sensex");
}

TEST_CASE("a bad line is refused by file, number and text", "[instruments]") {
  struct Case {
    const char* lines;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({
      {"NSE_EQ:1\nNSE_EQ:-1\n", "list:2: 'NSE_EQ:-1' is no instrument"},
      {"NSE_EQ:0\n", "list:1: 'NSE_EQ:0' is no instrument"},
      {"FOO:1\n", "list:1: 'FOO:1' is no instrument"},
      {"\n\nIDX_I\n", "list:3: 'IDX_I' is no instrument"},
      {"\xff\xfe\n", "list:1: '\\xff\\xfe' is no instrument"},
  }));
  Entries entries;
  try {
    entries.add_lines(c.lines, "list");
    FAIL("accepted: " << c.lines);
  } catch (const StartError& error) {
    CHECK(error.fault() == Fault::kBadInput);
    CHECK(std::string(error.what()).starts_with(c.said));
  }
}

TEST_CASE("a list is written as a file of it is read", "[instruments]") {
  Entries entries;
  entries.add_lines("nse_eq:2885 RELIANCE\nIDX_I:13\n", "list");
  CHECK(to_lines(without_master(entries)) == "NSE_EQ:2885  RELIANCE\nIDX_I:13\n");

  instruments::WatchList odd;
  odd.add({Segment::kNseEq, 7}, "M#M");
  odd.add({Segment::kNseEq, 8}, "A\nB");
  CHECK(to_lines(odd) == "NSE_EQ:7\nNSE_EQ:8\n");
}
