#include "cli/run_tool.hpp"
#include "options.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  ltp::get::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-get", .summary = "Print the latest prices of instruments."}, argc, argv,
      [&](CLI::App& app) { ltp::get::add_options(app, options); },
      [&] { return ltp::get::run(options); });
}
