#include "options.hpp"

#include "cli/run_tool.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace ltp::feed {

void add_options(CLI::App& app, Options& options) {
  app.add_option("INSTRUMENT", options.instruments, "What to subscribe, as SEGMENT:ID")
      ->type_name("")
      ->configurable(false);
  app.add_option("-i,--instruments", options.files,
                 "Read more from FILE, one a line, '#' opens a comment; - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  auto* mode =
      app.add_option("-m,--mode", options.mode, "How much of each: ticker, quote (default) or full")
          ->type_name("MODE")
          ->transform(
              CLI::CheckedTransformer(std::map<std::string, TickKind>{{"ticker", TickKind::kTicker},
                                                                      {"quote", TickKind::kQuote},
                                                                      {"full", TickKind::kFull}},
                                      CLI::ignore_case)
                  .description(""));
  cli::from_env(mode, {"DHANHQ_WS_MODE"});
  app.add_option("--url", options.url,
                 "Connect to this feed, ws:// or wss://, such as an ltp-sim "
                 "[DHANHQ_WS_MARKET_FEED_URL]")
      ->type_name("URL");
  app.footer(
      "The environment gives DHANHQ_CLIENT_ID and DHANHQ_ACCESS_TOKEN. The live broker is\n"
      "only called if DHANHQ_WS_ENABLED is 'true' or --url names it.");
}

}  // namespace ltp::feed
