#include "cli/run_tool.hpp"
#include "options.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  ltp::sim::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-sim", .summary = "Speak the broker's side of DhanHQ with made-up prices."},
      argc, argv, [&](CLI::App& app) { ltp::sim::add_options(app, options); },
      [&] { return ltp::sim::run(options); });
}
