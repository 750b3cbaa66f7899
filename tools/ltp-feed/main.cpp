#include "cli/run_tool.hpp"
#include "options.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  ltp::feed::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-feed", .summary = "Write live market prices of DhanHQ as lines of JSON."}, argc,
      argv, [&](CLI::App& app) { ltp::feed::add_options(app, options); },
      [&] { return ltp::feed::run(options); });
}
