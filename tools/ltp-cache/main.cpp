#include "cli/run_tool.hpp"
#include "filter/run.hpp"
#include "options.hpp"

int main(int argc, char** argv) {
  ltp::cache::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-cache", .summary = "Remember the latest price of each instrument in Redis."},
      argc, argv, [&](CLI::App& app) { ltp::cache::add_options(app, options); },
      [&] {
        return ltp::filter::run(options.asked(), {"ltp-cache", "price", "stored"});
      });
}
