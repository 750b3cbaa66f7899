#include "cli/run_tool.hpp"
#include "filter/run.hpp"
#include "options.hpp"

int main(int argc, char** argv) {
  ltp::pub::Options options;
  return ltp::cli::run_tool(
      {.name = "ltp-pub", .summary = "Publish each tick on a channel of Redis."}, argc, argv,
      [&](CLI::App& app) { ltp::pub::add_options(app, options); },
      [&] {
        return ltp::filter::run(options.plan, {"ltp-pub", "tick", "published"});
      });
}
