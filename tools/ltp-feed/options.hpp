#pragma once

#include "tick/tick.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::feed {

struct Options {
  std::vector<std::string> instruments;  // "NSE_EQ:2885"
  std::vector<std::string> files;        // watch lists; "-" is standard input
  TickKind mode = TickKind::kQuote;
  std::string url;  // given by hand, or empty
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::feed
