#include "options.hpp"

#include "base/text.hpp"

#include "cli/run_tool.hpp"
#include "replay/options.hpp"

#include <CLI/CLI.hpp>

#include <limits>
#include <map>

namespace ltp::feed {

namespace {

/// A variable that is not set, in a shell, is not to mean the live broker.
CLI::Validator not_empty() {
  return {[](const std::string& text) { return std::string(text.empty() ? "it is empty" : ""); },
          ""};
}

/// CLI11 takes "-1" for a large number, and one that is too large for the largest.
CLI::Validator digits() {
  return {[](const std::string& text) {
            constexpr std::size_t kMost = 19;
            const bool good =
                text.size() <= kMost && text.find_first_not_of("0123456789") == text.npos;
            return good ? std::string() : cat("'", printable(text), "' is no number above 0");
          },
          ""};
}

void add_recording_options(CLI::App& app, Options& options) {
  const auto set_record = [&options](const std::string& file) {
    if (file == "-")
      throw CLI::ValidationError("--record", "standard output carries the ticks; name a file");
    options.record = file;
  };
  app.add_option_function<std::string>(
         "--record", set_record,
         "Keep the broker's messages in FILE, behind those that it holds already")
      ->type_name("FILE")
      ->check(not_empty());
  auto* recording =
      app.add_option("--replay", options.replay,
                     "Play the capture or the tick lines of FILE instead of calling the broker; - "
                     "is standard input")
          ->type_name("FILE")
          ->check(not_empty())
          ->configurable(false);
  for (const char* of_live : {"--url", "--mode", "--token-file", "--hours", "--mute-after",
                              "--require-first-tick", "--once", "--record"})
    recording->excludes(of_live);
  replay::add_speed_option(app, recording, options.speed);
}

}  // namespace

void add_options(CLI::App& app, Options& options) {
  app.add_option("INSTRUMENT", options.instruments, "What to subscribe, as SEGMENT:ID or by name")
      ->type_name("")
      ->configurable(false);
  app.add_option("-i,--instruments", options.files,
                 "Read more from FILE, one a line, '#' opens a comment; - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--master", options.master,
                 "Look names up in FILE, the broker's instrument master; by default a copy in "
                 "the cache, fetched once a day")
      ->type_name("FILE");
  app.add_flag("--list", options.list, "Print the instruments, one a line, and exit")
      ->configurable(false);
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
      ->type_name("URL")
      ->check(not_empty());
  app.add_option("--token-file", options.token_file,
                 "Read the access token from FILE, and again when it changes")
      ->type_name("FILE");
  app.add_option("--hours", options.hours,
                 "Market hours and holidays, or 'always' (default: NSE, BSE, MCX as shipped)")
      ->type_name("FILE");
  cli::add_duration(app, "--mute-after", options.mute_after,
                    "Reconnect if no tick comes for TIME in market hours (default 60s)");
  cli::add_duration(app, "--require-first-tick", options.require_first_tick,
                    "End with 1 if an instrument has no tick after TIME of open market");
  app.add_option("-c,--count", options.count, "End with 0 after N ticks")
      ->type_name("N")
      ->check(digits())
      ->check(
          CLI::Range(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()).description(""));
  cli::add_duration(app, "-W,--timeout", options.timeout,
                    "End after TIME: with 75 if --count was not reached, or nothing came");
  app.add_flag("--once", options.once, "End instead of reconnecting: 69, 75 or 77");
  app.add_flag("--lossless", options.lossless,
               "Let the broker wait for a slow reader instead of merging ticks");
  app.add_flag("--no-status", options.no_status, "Write ticks only, no feed_status and gap lines");
  add_recording_options(app, options);
  app.footer(
      "The environment gives DHANHQ_CLIENT_ID and, without --token-file,\n"
      "DHANHQ_ACCESS_TOKEN. The live broker is only called if DHANHQ_WS_ENABLED is 'true'\n"
      "or --url names it. Names are looked up in the instrument master of\n"
      "DHANHQ_SCRIP_MASTER_URL, or the broker's.");
}

}  // namespace ltp::feed
