#include "instruments/reader.hpp"

#include "base/fault.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace ltp;
using namespace ltp::instruments;

namespace {

/// Why it cannot be read.
StartError refusal(const Sources& from) {
  try {
    read_watch_list(from);
  } catch (const StartError& error) {
    return error;
  }
  FAIL("it was read");
  throw std::logic_error("not reached");
}

}  // namespace

TEST_CASE("arguments, files and standard input are read in their order", "[instruments]") {
  const TempDir dir;
  std::ofstream(dir / "list") << "NSE_EQ:2 TWO\nNSE_EQ:3";
  const Sources from{{"NSE_EQ:1"}, {"-", dir / "list"}, {}, {{"-", "NSE_EQ:9\n"}}};
  CHECK(to_lines(read_watch_list(from)) == "NSE_EQ:1\nNSE_EQ:9\nNSE_EQ:2  TWO\nNSE_EQ:3\n");
}

TEST_CASE("a file is read anew each time, without a download if it is given", "[instruments]") {
  const TempDir dir;
  std::ofstream(dir / "list") << "RELIANCE\n";
  std::ofstream(dir / "master.csv")
      << "EXCH_ID,SEGMENT,SECURITY_ID,INSTRUMENT,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,"
         "INSTRUMENT_TYPE,SERIES\n"
         "NSE,E,2885,EQUITY,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance,ES,EQ\n"
         "NSE,E,11536,EQUITY,TCS,TCS LTD,TCS,ES,EQ\n";
  const Sources from{{}, {dir / "list"}, dir / "master.csv", {}};
  loop::Loop loop;
  Reader reader(loop);
  std::string got;
  const auto keep = [&](Result<WatchList, StartError> list) { got = to_lines(list.value()); };
  reader.read(from, keep);
  CHECK(got == "NSE_EQ:2885  RELIANCE\n");
  CHECK_FALSE(reader.busy());
  std::ofstream(dir / "list") << "TCS\n";
  reader.read(from, keep);
  CHECK(got == "NSE_EQ:11536  TCS\n");
}

TEST_CASE("an endless file is refused, and a missing one", "[instruments]") {
  const auto endless = refusal({{}, {"/dev/zero"}, {}, {}});
  CHECK(endless.fault() == Fault::kBadInput);
  CHECK(std::string(endless.what()) == "/dev/zero is longer than 16 MiB");
  CHECK(refusal({{}, {"/nowhere/list"}, {}, {}}).fault() == Fault::kNoInput);
  CHECK(refusal({{"TCS"}, {}, "/nowhere/master", {}}).fault() == Fault::kNoInput);
}
