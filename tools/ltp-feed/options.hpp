#pragma once

#include "replay/pace.hpp"
#include "tick/tick.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::feed {

struct Options {
  std::vector<std::string> instruments;  // "NSE_EQ:2885", "RELIANCE"
  std::vector<std::string> files;        // watch lists; "-" is standard input
  std::string master;                    // the instrument master, or empty
  bool list = false;                     // print the instruments and end
  TickKind mode = TickKind::kQuote;
  std::string url;         // given by hand, or empty
  std::string token_file;  // or empty
  std::string hours;       // a file, "always", or empty: those shipped
  std::chrono::milliseconds mute_after{60'000};
  std::chrono::milliseconds require_first_tick{0};  // 0: not asked for
  std::uint64_t count = 0;                          // 0: without end
  std::chrono::milliseconds timeout{0};             // 0: none
  bool once = false;
  bool lossless = false;
  bool no_status = false;
  std::string record;  // a file, or empty
  std::string replay;  // a file, "-" for standard input, or empty: live
  replay::Speed speed;
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::feed
