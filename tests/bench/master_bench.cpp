// How fast 5,000 names are found in an instrument master of 200,000 rows, beside a mere
// count of its lines. `master_bench DIRECTORY` writes the two files there instead, for
// timing a whole program:  time ltp-feed --list -i names.txt --master master.csv

#include "base/text.hpp"
#include "dhan/scrip_master.hpp"
#include "rounds.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

using namespace ltp;

namespace {

constexpr int kShares = 6000;
constexpr int kRows = 200'000;
constexpr int kNames = 5000;

/// "AAAAB", "AAAAC", …: as long as symbols are, and none opens another.
std::string symbol(int number) {
  std::string text(5, 'A');
  for (auto place = text.rbegin(); number > 0; ++place, number /= 26)
    *place = static_cast<char>('A' + number % 26);
  return text + "LTD";
}

/// The compact file's columns and habits: shares first, with a bond or a test paper of the
/// same symbol here and there, then options and futures, strike -0.01 and type XX for the
/// latter, quoted commas, trailing blanks, CR LF.
std::string make_master() {
  std::string csv =
      "\xef\xbb\xbfSEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,"
      "SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,"
      "SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,"
      "SEM_SERIES,SM_SYMBOL_NAME\r\n"
      "NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,5.0000,,INDEX,X,NIFTY\r\n";
  int row = 1;
  const auto add = [&](const std::string& line) {
    csv += line + "\r\n";
    ++row;
  };
  for (int i = 0; i < kShares; ++i) {
    const auto name = symbol(i);
    add(cat("NSE,E,", 1000 + i, ",EQUITY,0,", name, ",1.0,", name, " Industries,,-0.01000,XX,",
            "5.0000,NA,ES,EQ,\"", name, " INDUSTRIES, LTD\"  "));
    add(cat("BSE,E,", 500'000 + i, ".0,EQUITY,0,", name, ",1.0,", name, ",,,XX,5.0000,NA,ES,A,",
            name, " INDUSTRIES LTD."));
    if (i % 3 == 0)
      add(cat("NSE,E,", 20'000 + i, ",EQUITY,0,", name, ",1.0,", name, " 8.5% 2031,,,XX,1.0000,",
              "NA,DBT,N", 1 + i % 9, ",", name, " NCD"));
  }
  for (int id = 40'000; row < kRows; ++id) {
    const auto name = symbol(id % 180);
    const int strike = 100 + 50 * (id % 97);
    if (id % 50 == 0)
      add(cat("NSE,D,", id, ",FUTSTK,0,", name, "-Dec2026-FUT,500.0,", name, " DEC FUT,",
              "2026-12-29 14:30:00,-0.01000,XX,5.0000,M,FUT,NA,"));
    else
      add(cat(id % 4 == 0 ? "BSE" : "NSE", ",D,", id, ",OPTSTK,0,", name, "-Dec2026-", strike,
              "-CE,500.0,", name, " 29 DEC ", strike, " CALL,2026-12-29 14:30:00,", strike,
              ".00000,CE,5.0000,M,OP,NA,"));
  }
  return csv;
}

std::vector<std::string> make_names() {
  std::vector<std::string> names;
  for (int i = 0; i < kNames; ++i) names.push_back(i % 10 == 0 ? "BSE:" + symbol(i) : symbol(i));
  return names;
}

std::size_t count_lines(const std::string& text) {
  std::size_t lines = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = static_cast<const char*>(
              std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
    ++lines;
    ++at;
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const auto master = make_master();
  const auto texts = make_names();
  if (argc > 1) {
    const std::string directory = argv[1];
    std::ofstream(directory + "/master.csv") << master;
    std::ofstream names(directory + "/names.txt");
    for (const auto& text : texts) names << text << '\n';
    return names.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
  }

  std::vector<dhan::Name> names;
  for (const auto& text : texts) names.push_back(*dhan::parse_name(text));
  std::printf("%d names in %d rows, %zu bytes a row; times for all the rows\n", kNames, kRows,
              master.size() / kRows);
  std::size_t lines = 0;
  compare("rows", kRows,
          {{"reference: count the lines", [&] { lines += count_lines(master); }},
           {"read the rows",
            [&] {
              auto reader = dhan::MasterReader::open(master);
              dhan::MasterRow row;
              while (reader.value().next(row)) ++lines;
            }},
           {"look the names up", [&] {
              const auto found = dhan::look_up(master, names);
              for (const auto& name : found.value().names)
                if (!name) std::abort();
            }}});
  return lines == 0;
}
