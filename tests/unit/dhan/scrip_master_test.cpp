#include "dhan/scrip_master.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::dhan;

namespace {

const std::string kCompactColumns =
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,"
    "SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,"
    "SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,"
    "SM_SYMBOL_NAME\n";

const std::string kCompact =
    kCompactColumns +
    "NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,5.0000,,INDEX,X,NIFTY\n"
    "NSE,I,25,INDEX,0,BANKNIFTY,1.0,Nifty Bank,0001-01-01,,XX,5.0000,,INDEX,X,BANKNIFTY\n"
    "BSE,I,51,INDEX,0,SENSEX,1.0,Sensex,0001-01-01,,XX,1.0000,,INDEX,X,SENSEX\n"
    "NSE,I,21,INDEX,0,INDIA VIX,1.0,India VIX,0001-01-01,,XX,1.0000,,INDEX,X,INDIA VIX\n"
    "NSE,E,18500,EQUITY,0,RELIANCE,1.0,Reliance 8% 2031,,,XX,1.0,NA,DBT,N2,RELIANCE NCD\n"
    "NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,XX,5.0,NA,ES,EQ,RELIANCE INDUSTRIES "
    "LTD\n"
    "BSE,E,500325,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,XX,5.0,NA,ES,A,RELIANCE INDUSTRIES "
    "LTD.\n"
    "BSE,E,500326,EQUITY,0,RELIANCE,1.0,Reliance partly paid,,,XX,5.0,NA,ES,B,RELIANCE PP\n"
    "NSE,E,1333,EQUITY,0,HDFCBANK,1.0,HDFC Bank,,,XX,5.0,NA,ES,EQ,\"HDFC BANK, LTD\"  \r\n"
    "NSE,E,11536.0,EQUITY,0, TCS ,1.0,\"The \"\"big\"\" one, TCS\",,,XX,5.0,NA,ES,EQ,TCS\n"
    "NSE,E,700,EQUITY,0,SUZLON,1.0,Suzlon,,,XX,5.0,NA,ES,BE,SUZLON ENERGY\n"
    "BSE,E,543210,EQUITY,0,ONLYBSE,1.0,Only at BSE,,,XX,5.0,NA,ES,T,ONLY BSE LTD\n"
    "NSE,E,801,EQUITY,0,TWICE,1.0,Twice,,,XX,5.0,NA,ES,BE,TWICE LTD\n"
    "NSE,E,802,EQUITY,0,TWICE,1.0,Twice,,,XX,5.0,NA,ES,BZ,TWICE LTD\n"
    "NSE,E,803,EQUITY,0,BONDED,1.0,Bonded,,,XX,5.0,NA,DBT,N1,BONDED NCD\n"
    "NSE,E,804,EQUITY,0,BONDED,1.0,Bonded,,,XX,5.0,NA,ES,BE,BONDED LTD\n"
    "NSE,E,805,PREFSHARES,0,PREF,1.0,Pref,,,XX,5.0,NA,PS,P1,PREF PS\n"
    "NSE,E,806,EQUITY,0,PREF,1.0,Pref,,,XX,5.0,NA,XX,BE,PREF LTD\n"
    "NSE,E,900,EQUITY,0,SAMEROW,1.0,Same,,,XX,5.0,NA,ES,EQ,SAME LTD\n"
    "NSE,E,900,EQUITY,0,SAMEROW,1.0,Same,,,XX,5.0,NA,ES,EQ,SAME LTD\n"
    "NSE,D,48704,FUTIDX,0,NIFTY-Dec2026-FUT,75.0,NIFTY DEC FUT,2026-12-29 "
    "14:30:00,-0.01000,XX,10.0,M,FUT,NA,\n"
    "NSE,D,48705,OPTIDX,0,NIFTY-Dec2026-26000-CE,75.0,NIFTY 29 DEC 26000 CALL,2026-12-29 "
    "14:30:00,26000.00000,CE,5.0,M,OP,NA,\n"
    "BSE,D,820001,FUTIDX,0,SENSEX-Dec2026-FUT,20.0,SENSEX DEC FUT,2026-12-24,-0.01000,XX,5.0,M,"
    "FUT,NA,\n"
    "NSE,C,1201,FUTCUR,0,USDINR-Dec2026-FUT,1000.0,USDINR DEC FUT,2026-12-29,-0.01000,XX,0.25,M,"
    "FUT,NA,\n"
    "MCX,M,440001,FUTCOM,0,GOLD-04Dec2026-FUT,100.0,GOLD DEC FUT,2026-12-04,-0.01000,XX,100.0,M,"
    "FUTCOM,2,GOLD\n"
    "MCX,D,440002,FUTCOM,0,SILVER-04Dec2026-FUT,30.0,SILVER DEC FUT,2026-12-04,-0.01,XX,100.0,M,"
    "FUTCOM,2,SILVER\n"
    "NSE,M,77,FUTCOM,0,GOLDNSE-Dec2026-FUT,1.0,GOLD AT NSE,,,XX,1.0,M,FUTCOM,2,GOLD";  // no \n

const std::string kDetailed =
    "\xef\xbb\xbf\"EXCH_ID\",SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,"
    "UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,INSTRUMENT_TYPE,SERIES,LOT_SIZE,TOMORROWS_COLUMN,"
    "\r\n"
    "NSE,I,13,NA,INDEX,13,NIFTY,NIFTY,Nifty 50,INDEX,NA,1.0,x,\r\n"
    "NSE,E,2885,INE002A01018,EQUITY,,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance Industries,ES,EQ,"
    "1.0,x,\r\n"
    "NSE,D,35070,NA,OPTIDX,26000,NIFTY,NIFTY-Dec2026-26000-CE,NIFTY 29 DEC 26000 CALL,OP,NA,65.0,"
    "x,\r\n"
    "BSE,D,869699,NA,OPTIDX,1,SENSEX,BSXOPT,SENSEX 24 DEC 86000 CALL,OPTIDX,NA,20.0,x,\r\n"
    "BSE,D,869700,NA,OPTIDX,1,SENSEX,BSXOPT,SENSEX 24 DEC 86000 PUT,OPTIDX,NA,20.0,x,\r\n"
    "MCX,M,565899,NA,FUTCOM,294,CRUDEOIL,CRUDEOIL,CRUDEOIL DEC FUT,FUTCOM,2,1.0,x,\r\n";

Lookup look_up_one(const std::string& csv, const std::string& text) {
  const auto name = parse_name(text);
  REQUIRE(name);
  const std::vector<Name> names{*name};
  auto found = look_up(csv, names);
  REQUIRE(found);
  return std::move(found).value();
}

/// "NSE_EQ:2885", "ambiguous: NSE_EQ:801 NSE_EQ:802" or "unknown: NSE_EQ:2885".
std::string answer(const std::string& csv, const std::string& text) {
  const auto found = look_up_one(csv, text);
  const auto& name = found.names.at(0);
  if (name) return to_text(name.value().instrument);
  std::string said = name.error().ambiguous ? "ambiguous:" : "unknown:";
  for (const auto& candidate : name.error().candidates) said += " " + to_text(candidate.instrument);
  return said;
}

}  // namespace

TEST_CASE("a name is found where section and preference say", "[dhan][master]") {
  struct Case {
    const char* why;
    const char* name;
    const char* want;
  };
  const auto c = GENERATE(values<Case>({
      {"NSE shares come first, series EQ", "RELIANCE", "NSE_EQ:2885"},
      {"any case", "reliance", "NSE_EQ:2885"},
      {"blanks round it", "  Reliance ", "NSE_EQ:2885"},
      {"a segment", "NSE_EQ:RELIANCE", "NSE_EQ:2885"},
      {"a segment in any case", "bse_eq:reliance", "BSE_EQ:500325"},
      {"an exchange: its shares, A before B", "BSE:RELIANCE", "BSE_EQ:500325"},
      {"an exchange in any case", "nse:TCS", "NSE_EQ:11536"},
      {"no share is so called: the index", "NIFTY", "IDX_I:13"},
      {"index of BSE", "SENSEX", "IDX_I:51"},
      {"an exchange's index", "BSE:SENSEX", "IDX_I:51"},
      {"an index with a blank", "India Vix", "IDX_I:21"},
      {"an index by its display name", "nifty 50", "IDX_I:13"},
      {"indices of both exchanges", "IDX_I:sensex", "IDX_I:51"},
      {"the only series", "SUZLON", "NSE_EQ:700"},
      {"type ES before a bond", "BONDED", "NSE_EQ:804"},
      {"instrument EQUITY before others", "PREF", "NSE_EQ:806"},
      {"the same row twice is one", "SAMEROW", "NSE_EQ:900"},
      {"quoted comma, CR LF, blanks after the quote", "HDFCBANK", "NSE_EQ:1333"},
      {"a future", "NSE_FNO:NIFTY-DEC2026-FUT", "NSE_FNO:48704"},
      {"an option", "NSE_FNO:NIFTY-Dec2026-26000-CE", "NSE_FNO:48705"},
      {"an option by its display name", "NSE_FNO:NIFTY 29 DEC 26000 CALL", "NSE_FNO:48705"},
      {"a future at BSE", "BSE_FNO:SENSEX-Dec2026-FUT", "BSE_FNO:820001"},
      {"currency", "NSE_CURRENCY:USDINR-Dec2026-FUT", "NSE_CURRENCY:1201"},
      {"MCX has one segment", "MCX:GOLD-04Dec2026-FUT", "MCX_COMM:440001"},
      {"MCX under D", "MCX_COMM:SILVER-04Dec2026-FUT", "MCX_COMM:440002"},
      {"two series, neither preferred", "TWICE", "ambiguous: NSE_EQ:801 NSE_EQ:802"},
      {"only at BSE: not guessed", "ONLYBSE", "unknown: BSE_EQ:543210"},
      {"a derivative without its segment: not guessed", "SENSEX-Dec2026-FUT",
       "unknown: BSE_FNO:820001 IDX_I:51"},
      {"commodities at NSE are not in the feed", "NSE:GOLDNSE-Dec2026-FUT", "unknown:"},
      {"display names of shares are no names", "Suzlon energy", "unknown: NSE_EQ:700"},
      {"nothing like it", "QQQQQ", "unknown:"},
  }));
  INFO(c.why << ": " << c.name);
  CHECK(answer(kCompact, c.name) == c.want);
}

TEST_CASE("the detailed file has other columns, and symbols that are not unique",
          "[dhan][master]") {
  CHECK(answer(kDetailed, "RELIANCE") == "NSE_EQ:2885");
  CHECK(answer(kDetailed, "NIFTY") == "IDX_I:13");
  CHECK(answer(kDetailed, "NSE_FNO:nifty-dec2026-26000-ce") == "NSE_FNO:35070");
  CHECK(answer(kDetailed, "BSE_FNO:BSXOPT") == "ambiguous: BSE_FNO:869699 BSE_FNO:869700");
  CHECK(answer(kDetailed, "BSE_FNO:SENSEX 24 DEC 86000 PUT") == "BSE_FNO:869700");
  CHECK(answer(kDetailed, "MCX:CRUDEOIL") == "MCX_COMM:565899");
}

TEST_CASE("an answer says what the row says", "[dhan][master]") {
  CHECK(look_up_one(kCompact, "hdfcbank").names[0].value() ==
        Listing{{Segment::kNseEq, 1333}, "HDFCBANK", "EQ", "HDFC BANK, LTD"});
  CHECK(look_up_one(kCompact, "tcs").names[0].value() ==
        Listing{{Segment::kNseEq, 11536}, "TCS", "EQ", "TCS"});
  CHECK(look_up_one(kDetailed, "BSE_FNO:sensex 24 dec 86000 call").names[0].value() ==
        Listing{{Segment::kBseFno, 869699},
                "SENSEX 24 DEC 86000 CALL",
                "NA",
                "SENSEX 24 DEC 86000 CALL"});
}

TEST_CASE("an unknown name comes with what it may have meant, likeliest first", "[dhan][master]") {
  struct Case {
    const char* why;
    const char* name;
    const char* want;
  };
  const auto c = GENERATE(values<Case>({
      {"swapped letters", "RELAINCE",
       "unknown: NSE_EQ:2885 NSE_EQ:18500 BSE_EQ:500325 BSE_EQ:500326"},
      {"a letter too few", "HDFCBAN", "unknown: NSE_EQ:1333"},
      {"a letter too many", "TCSS", "unknown: NSE_EQ:11536"},
      {"a wrong letter", "SUZLOM", "unknown: NSE_EQ:700"},
      {"an ending that others use", "TCS-EQ", "unknown: NSE_EQ:11536"},
      {"a beginning, in its segment", "BSE_FNO:SENSEX", "unknown: IDX_I:51 BSE_FNO:820001"},
      {"a company's name", "hdfc bank", "unknown: NSE_EQ:1333"},
  }));
  INFO(c.why);
  CHECK(answer(kCompact, c.name) == c.want);
}

TEST_CASE("names are answered in the order asked, each once for each time asked",
          "[dhan][master]") {
  std::vector<Name> names;
  for (const char* text : {"TCS", "BSE:RELIANCE", "NOSUCH", "RELIANCE", "tcs", "NSE:RELIANCE"})
    names.push_back(*parse_name(text));
  const std::vector<Instrument> ids{{Segment::kNseFno, 48704},
                                    {Segment::kNseEq, 2885},
                                    {Segment::kNseEq, 4242},
                                    {Segment::kNseEq, 2885}};
  const auto found = look_up(kCompact, names, ids);
  REQUIRE(found);
  const auto& lookup = found.value();
  REQUIRE(lookup.names.size() == 6);
  CHECK(lookup.names[0].value().instrument == Instrument{Segment::kNseEq, 11536});
  CHECK(lookup.names[1].value().instrument == Instrument{Segment::kBseEq, 500325});
  CHECK_FALSE(lookup.names[2]);
  CHECK(lookup.names[3].value().instrument == Instrument{Segment::kNseEq, 2885});
  CHECK(lookup.names[4].value().instrument == Instrument{Segment::kNseEq, 11536});
  CHECK(lookup.names[5].value().instrument == Instrument{Segment::kNseEq, 2885});
  CHECK(lookup.symbols ==
        std::vector<std::string>{"NIFTY-Dec2026-FUT", "RELIANCE", "", "RELIANCE"});
  CHECK(lookup.rows == 26);
  CHECK(lookup.damaged == 0);
}

TEST_CASE("a damaged row costs itself and is counted", "[dhan][master]") {
  const std::string good =
      "NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance,,,XX,5.0,NA,ES,EQ,RELIANCE INDUSTRIES LTD\n";
  struct Case {
    const char* why;
    std::string row;
    std::uint64_t damaged;
  };
  const auto c = GENERATE(values<Case>({
      {"a row cut off", "NSE,E,1,EQUITY,0,RELIANCE,1.0,Rel\n", 1},
      {"an open quote", "NSE,E,1,EQUITY,0,\"RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"no id", "NSE,E,,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"id 0", "NSE,E,0,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"id -1", "NSE,E,-1,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"id of 33 bits", "NSE,E,4294967296,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"id with a fraction", "NSE,E,1.5,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"id with letters", "NSE,E,1x,EQUITY,0,RELIANCE,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"no symbol", "NSE,E,1,EQUITY,0,,1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"an endless symbol",
       "NSE,E,1,EQUITY,0," + std::string(65, 'R') + ",1.0,R,,,XX,5.0,NA,ES,EQ,RIL\n", 1},
      {"bytes that are no text", std::string("\x00\xff,\n\"\"\"\n", 8), 2},
      {"empty lines are none", "\n\r\n  \n", 0},
      {"another exchange is passed over", "NCDEX,M,1,FUTCOM,0,RELIANCE,1,R,,,XX,5,NA,F,2,R\n", 0},
      {"a segment from tomorrow too", "NSE,Z,1,FUTCOM,0,RELIANCE,1,R,,,XX,5,NA,F,2,R\n", 0},
  }));
  INFO(c.why);
  const auto found = look_up_one(kCompactColumns + c.row + good, "RELIANCE");
  CHECK(found.damaged == c.damaged);
  CHECK(found.rows == 1);
  REQUIRE(found.names[0]);
  CHECK(found.names[0].value().instrument == Instrument{Segment::kNseEq, 2885});
}

TEST_CASE("columns may stand in another order, between unknown ones", "[dhan][master]") {
  const std::string csv =
      "NEW,SM_SYMBOL_NAME,SEM_SERIES,SEM_EXCH_INSTRUMENT_TYPE,SEM_CUSTOM_SYMBOL,"
      "SEM_TRADING_SYMBOL,SEM_INSTRUMENT_NAME,SEM_SMST_SECURITY_ID,SEM_SEGMENT,SEM_EXM_EXCH_ID\n"
      "?,RELIANCE INDUSTRIES LTD,EQ,ES,Reliance,RELIANCE,EQUITY,2885,E,NSE\n";
  CHECK(answer(csv, "RELIANCE") == "NSE_EQ:2885");
}

TEST_CASE("a file that is no master is refused with what is missing", "[dhan][master]") {
  struct Case {
    const char* csv;
    const char* want;
  };
  const auto c = GENERATE(values<Case>({
      {"",
       "is no instrument master: its first line names no column SEM_SMST_SECURITY_ID or "
       "SECURITY_ID"},
      {"<!DOCTYPE html>\n<title>502</title>",
       "is no instrument master: its first line names no column SEM_SMST_SECURITY_ID or "
       "SECURITY_ID"},
      {"EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SYMBOL,DISPLAY_NAME,SERIES\n",
       "has no column INSTRUMENT_TYPE, SYMBOL_NAME"},
  }));
  const auto found = look_up(c.csv, {});
  REQUIRE_FALSE(found);
  CHECK(found.error().text == c.want);
}

TEST_CASE("what is no name is refused before any file is asked", "[dhan][master]") {
  const auto text = GENERATE(values<std::string>(
      {"", "  ", ":", "NSE:", ":RELIANCE", "FOO:RELIANCE", "NSE_EQ:", "NSE_EQ:0",
       "NSE_EQ:99999999999", "NSE_EQ:-1", "2885", "BSE:500325", "NSE_EQ", "idx_i", "\xff\xfe",
       "A\nB", "\x7f", std::string(65, 'A')}));
  INFO(text);
  CHECK_FALSE(parse_name(text));
}

TEST_CASE("a master of one symbol does not grow the answers", "[dhan][master]") {
  std::string csv = kCompactColumns;
  for (int id = 1; id <= 5000; ++id)
    csv += "NSE,E," + std::to_string(id) + ",EQUITY,0,SAME,1,S,,,XX,5,NA,ES,EQ,SAME LTD\n";
  const auto found = look_up_one(csv, "SAME");
  REQUIRE_FALSE(found.names[0]);
  CHECK(found.names[0].error().ambiguous);
  CHECK(found.names[0].error().candidates.size() == 10);
}

TEST_CASE("a master with any bytes in it is read to its end", "[dhan][master]") {
  std::minstd_rand random(20261123);
  const std::string odd{"\0\n\r,\"\xff :.9Z", 11};
  const std::vector<Name> names{*parse_name("RELIANCE"), *parse_name("BSE:X"),
                                *parse_name("NSE_FNO:NIFTY-Dec2026-FUT")};
  const std::vector<Instrument> ids{{Segment::kNseEq, 2885}};
  for (int round = 0; round < 500; ++round) {
    // The column names stay whole, so that the rows are reached; the rows do not.
    std::string csv = round % 2 == 0 ? kCompact : kDetailed;
    const auto rows = csv.find('\n') + 1;
    for (int i = 0; i < 20; ++i)
      csv[rows + random() % (csv.size() - rows)] = odd[random() % odd.size()];
    csv.resize(rows + random() % (csv.size() - rows));
    // Without room behind it, so that a look too far is seen.
    const std::vector<char> tight(csv.begin(), csv.end());
    const auto found = look_up({tight.data(), tight.size()}, names, ids);
    REQUIRE(found);
    CHECK(found.value().names.size() == 3);
    CHECK(found.value().rows + found.value().damaged <=
          static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')));
  }
}
