// ltp-serve's fan-out beside the reference of reference.cpp: what each does with the same
// lines for the same clients, in turns, on one core; the load has the other. Beside a Rails
// application too, if Rails is installed (tests/bench/rails/start.sh --install).
//
//   fanout_bench [SCENARIO …]     all of them, or those that are named
//
// The figures are medians of five rounds. "us/delivery" is the server's own processor time,
// which hardly depends on what else the machine does.

#include "bench/fanout/scenarios.hpp"
#include "bench/fanout/server.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

namespace {

using Scenario = void (*)();
constexpr std::pair<const char*, Scenario> kScenarios[] = {
    {"burst", burst}, {"sustained", sustained}, {"quiet", quiet},
    {"few", few},     {"stalled", stalled},     {"memory", memory},
    {"storm", storm}, {"idle", idle},           {"rails", rails},
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  pin_to(1 - ServerUnderLoad::kCore);
  bool found = false;
  for (const auto& [name, run] : kScenarios)
    if (argc < 2 || std::any_of(argv + 1, argv + argc,
                                [&](const char* word) { return std::strcmp(word, name) == 0; })) {
      run();
      std::fflush(stdout);
      found = true;
    }
  return found ? 0 : 64;
}
