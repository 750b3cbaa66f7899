#include "cli/run_tool.hpp"
#include "options.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  ltp::serve::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-serve", .summary = "Serve live market prices to browsers."}, argc, argv,
      [&](CLI::App& app) { ltp::serve::add_options(app, options); },
      [&] { return ltp::serve::run(options); });
}
