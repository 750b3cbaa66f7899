#include "run.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/run_tool.hpp"
#include "dhan/subscribe.hpp"
#include "feed.hpp"

#include <unistd.h>

#include <csignal>

namespace ltp::feed {
namespace {

constexpr loop::Ms kLastWords{1000};

dhan::Endpoint choose_endpoint(const Options& options) {
  const auto from_environment = cli::env({"DHANHQ_WS_MARKET_FEED_URL"});
  const bool by_hand = !options.url.empty();
  const auto url = by_hand                     ? options.url
                   : !from_environment.empty() ? from_environment
                                               : std::string(dhan::kLiveFeedUrl);
  auto endpoint = dhan::parse_endpoint(url);
  if (!endpoint)
    throw StartError(
        by_hand ? Fault::kUsage : Fault::kConfig,
        cat(by_hand ? "--url" : "DHANHQ_WS_MARKET_FEED_URL", ": ", endpoint.error().text));
  if (!by_hand && endpoint.value().is_live_broker() && cli::env({"DHANHQ_WS_ENABLED"}) != "true")
    throw StartError(Fault::kConfig,
                     "the live broker is only called if DHANHQ_WS_ENABLED is 'true'; export it, "
                     "or name a feed with --url");
  return std::move(endpoint).value();
}

dhan::Credentials read_credentials() {
  dhan::Credentials found{cli::env({"DHANHQ_CLIENT_ID", "CLIENT_ID", "DHAN_CLIENT_ID"}),
                          cli::env({"DHANHQ_ACCESS_TOKEN", "ACCESS_TOKEN", "DHAN_ACCESS_TOKEN"})};
  if (found.client_id.empty())
    throw StartError(Fault::kConfig, "DHANHQ_CLIENT_ID is not set; export the client id");
  if (found.token.empty())
    throw StartError(Fault::kConfig, "DHANHQ_ACCESS_TOKEN is not set; export the access token");
  return found;
}

WatchList read_watch_list(const Options& options) {
  WatchList watch;
  for (const auto& text : options.instruments) watch.add_argument(text);
  for (const auto& path : options.files) watch.add_file(path);
  const auto count = watch.instruments().size();
  if (count == 0)
    throw StartError(Fault::kUsage,
                     "no instrument was given; name some as SEGMENT:ID, or a file with -i");
  if (count > dhan::kMaxPerConnection)
    throw StartError(Fault::kBadInput, cat(count, " instruments are more than the ",
                                           dhan::kMaxPerConnection, " that a connection carries"));
  return watch;
}

}  // namespace

cli::ExitCode run(const Options& options) {
  const auto watch = read_watch_list(options);
  auto endpoint = choose_endpoint(options);
  auto credentials = read_credentials();

  loop::Loop loop;
  net::Context context(loop);
  auto result = cli::ExitCode::kOk;
  bool ending = false;

  Output output(loop, STDOUT_FILENO, [&](const std::string& error) {
    if (!error.empty()) {
      cli::log::error(cat("cannot write to standard output: ", error));
      result = cli::ExitCode::kIo;
    }
    loop.stop();
  });
  Feed feed(context, {std::move(endpoint), std::move(credentials), options.mode}, watch, output,
            [&](const std::string& text) {
              cli::log::error(text);
              result = cli::ExitCode::kRefused;
              loop.stop();
            });

  // What is written gets a moment to be read; then we end whatever the reader does.
  loop::Timer last_words(loop, [&] { loop.stop(); });
  loop::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) {
    if (ending) return loop.stop();
    ending = true;
    feed.stop();
    last_words.start(output.idle() ? loop::Ms{50} : kLastWords);
  });

  feed.start();
  loop.run();
  return result;
}

}  // namespace ltp::feed
