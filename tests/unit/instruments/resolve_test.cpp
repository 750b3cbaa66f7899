#include "instruments/resolve.hpp"

#include "base/fault.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::instruments;

namespace {

const std::string kMaster =
    "EXCH_ID,SEGMENT,SECURITY_ID,INSTRUMENT,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,"
    "INSTRUMENT_TYPE,SERIES\n"
    "NSE,E,2885,EQUITY,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance,ES,EQ\n"
    "BSE,E,500325,EQUITY,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance,ES,A\n"
    "NSE,E,801,EQUITY,TWICE,TWICE LTD,Twice,ES,BE\n"
    "NSE,E,802,EQUITY,TWICE,,Twice,ES,BZ\n"
    "NSE,I,13,INDEX,NIFTY,NIFTY,Nifty 50,INDEX,NA\n"
    "NSE,D,48704,FUTIDX,NIFTY,NIFTY-Dec2026-FUT,NIFTY DEC FUT,FUT,NA\n";

Entries entries_of(const std::string& lines) {
  Entries entries;
  entries.add_lines(lines, "list");
  return entries;
}

/// What is refused, and how.
std::string refusal(const std::string& lines, Fault fault, const Master& master) {
  try {
    return "accepted: " + to_lines(with_master(entries_of(lines), master));
  } catch (const StartError& error) {
    CHECK(error.fault() == fault);
    return error.what();
  }
}

}  // namespace

TEST_CASE("names get ids, ids get symbols, in the order given", "[instruments]") {
  const auto list = with_master(entries_of("NIFTY\n"
                                           "NSE_EQ:2885\n"
                                           "NSE_FNO:nifty-dec2026-fut\n"
                                           "NSE_EQ:801  My own word\n"
                                           "NSE_EQ:4242\n"
                                           "bse:reliance\n"
                                           "RELIANCE\n"),
                                {kMaster, "m.csv"});
  CHECK(to_lines(list) ==
        "IDX_I:13  NIFTY\n"
        "NSE_EQ:2885  RELIANCE\n"
        "NSE_FNO:48704  NIFTY-Dec2026-FUT\n"
        "NSE_EQ:801  My own word\n"
        "NSE_EQ:4242\n"
        "BSE_EQ:500325  RELIANCE\n");
}

TEST_CASE("every bad name is told, with lines that a file could hold", "[instruments]") {
  CHECK(refusal("NIFTY\nTWICE\nRELAINCE\nQQQQ\n", Fault::kBadInput, {kMaster, "m.csv"}) ==
        "list:2: 'TWICE' is ambiguous; write one of\n"
        "    NSE_EQ:801  TWICE  # BE, TWICE LTD\n"
        "    NSE_EQ:802  TWICE  # BZ\n"
        "list:3: 'RELAINCE' is not in m.csv; similar are\n"
        "    NSE_EQ:2885  RELIANCE  # EQ, RELIANCE INDUSTRIES LTD\n"
        "    BSE_EQ:500325  RELIANCE  # A, RELIANCE INDUSTRIES LTD\n"
        "list:4: nothing like 'QQQQ' is in m.csv");
}

TEST_CASE("a thousand bad names do not make a thousand lines", "[instruments]") {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "QQQQ" + std::to_string(i) + "\n";
  const auto text = refusal(lines, Fault::kBadInput, {kMaster, "m.csv"});
  CHECK(std::count(text.begin(), text.end(), '\n') == 20);
  CHECK(text.ends_with("\nand 980 more names"));
}

TEST_CASE("an old file is good for shares and indices, not for derivatives", "[instruments]") {
  const Master old{kMaster, "m.csv", true};
  CHECK(to_lines(with_master(entries_of("NIFTY\nBSE:RELIANCE\nNSE_FNO:48704\n"), old)) ==
        "IDX_I:13  NIFTY\nBSE_EQ:500325  RELIANCE\nNSE_FNO:48704\n");
  CHECK(refusal("NIFTY\nNSE_FNO:NIFTY-Dec2026-FUT\n", Fault::kUnavailable, old) ==
        "'NSE_FNO:NIFTY-Dec2026-FUT' is a derivative, whose id may be another's by now; write it "
        "as SEGMENT:ID, or give a file of today with --master");
}

TEST_CASE("a file that is no master is named", "[instruments]") {
  CHECK(refusal("NIFTY\n", Fault::kBadInput, {"<html>", "m.csv"})
            .starts_with("m.csv is no instrument master: "));
}
