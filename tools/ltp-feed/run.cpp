#include "run.hpp"

#include "account/credentials.hpp"
#include "account_lock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/print.hpp"
#include "cli/run_tool.hpp"
#include "cli/secrets.hpp"
#include "dhan/subscribe.hpp"
#include "feed.hpp"
#include "instruments/local_file.hpp"
#include "instruments/reader.hpp"
#include "recorder.hpp"
#include "run_replay.hpp"
#include "status_line.hpp"
#include "tick/sessions.hpp"

#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace ltp::feed {
namespace {

constexpr loop::Ms kLastWords{1000};
constexpr loop::Ms kGoodBye{50};
constexpr loop::Ms kGlance{1000};

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

/// The list, if the broker's connections carry it.
WatchList checked(WatchList watch) {
  const auto count = watch.instruments().size();
  constexpr auto kMost = dhan::kMaxPerConnection * dhan::kMaxConnections;
  if (count == 0)
    throw StartError(Fault::kUsage,
                     "no instrument was given; name some as SEGMENT:ID, or a file with -i");
  if (count > kMost)
    throw StartError(Fault::kBadInput, cat(count, " instruments are more than the ", kMost,
                                           " that ", dhan::kMaxConnections, " connections carry"));
  return watch;
}

Sessions read_hours(const std::string& path) {
  if (path.empty()) return Sessions::built_in();
  if (path == "always") return Sessions::always();
  constexpr std::size_t kLongest = std::size_t{1} << 20;
  const auto text = instruments::read_file(path, kLongest);
  auto sessions = parse_sessions(text.view(), path);
  if (!sessions) throw StartError(Fault::kConfig, sessions.error().text);
  return std::move(sessions).value();
}

/// One run, from the first connection to the last line.
class Run {
 public:
  Run(const Options& options, const instruments::Sources& sources, dhan::Endpoint endpoint,
      account::CredentialSource& credentials)
      : options_(options),
        sources_(sources),
        context_(loop_),
        output_(loop_, STDOUT_FILENO,
                options.lossless ? Output::Policy::kLossless : Output::Policy::kLatest,
                [this](const std::string& error) { on_reader_gone(error); }),
        recorder_(options.record.empty() ? nullptr
                                         : std::make_unique<Recorder>(loop_, options.record)),
        feed_(context_, settings(std::move(endpoint)),
              checked(instruments::read_watch_list(sources)), credentials, output_,
              [this](cli::ExitCode status, const std::string& text) { end(status, text); }),
        lists_(loop_),
        time_out_(loop_, [this] { on_time_out(); }),
        last_words_(loop_, [this] { loop_.stop(); }),
        glance_(loop_, [this] { show_at_a_glance(); }),
        signals_(loop_, {SIGTERM, SIGINT, SIGHUP}, [this](int number) { on_signal(number); }) {}

  cli::ExitCode operator()() {
    if (options_.timeout.count() > 0) time_out_.start(options_.timeout);
    if (cli::log::has_footer()) glance_.start(kGlance, kGlance);
    feed_.start();
    loop_.run();
    cli::log::set_footer({});
    if (recorder_ && recorder_->failed() && status_ == cli::ExitCode::kOk)
      return cli::ExitCode::kIo;
    return status_;
  }

 private:
  Feed::Settings settings(dhan::Endpoint endpoint) const {
    Feed::Settings settings{.endpoint = std::move(endpoint),
                            .mode = options_.mode,
                            .hours = read_hours(options_.hours),
                            .mute_after = options_.mute_after,
                            .count = options_.count,
                            .once = options_.once,
                            .tell_status = !options_.no_status,
                            .recorder = recorder_.get()};
    if (options_.require_first_tick.count() > 0)
      settings.require_first_tick = options_.require_first_tick;
    return settings;
  }

  void show_at_a_glance() {
    const auto figures = feed_.figures();
    const auto passed = figures.ticks - ticks_at_glance_;
    ticks_at_glance_ = figures.ticks;
    const auto per_s = passed * 1000 / static_cast<std::uint64_t>(kGlance.count());
    cli::log::set_footer(status_line(figures, per_s));
  }

  void on_reader_gone(const std::string& error) {
    if (!error.empty()) {
      cli::log::error(cat("cannot write to standard output: ", error));
      status_ = cli::ExitCode::kIo;
    }
    loop_.stop();
  }

  void on_time_out() {
    const auto ticks = feed_.figures().ticks;
    const bool enough = options_.count == 0 && ticks > 0;
    feed_.stop();
    end(enough ? cli::ExitCode::kOk : cli::ExitCode::kTryLater,
        enough                ? std::string()
        : options_.count == 0 ? std::string("no tick came in the time allowed")
                              : cat("only ", counted(ticks, "tick"), " of ", options_.count,
                                    " came in the time allowed"));
  }

  void on_signal(int number) {
    if (number == SIGHUP) return reload();
    if (ending_) return loop_.stop();
    feed_.stop();
    end(cli::ExitCode::kOk, {});
  }

  /// The lists may need a new instrument master; the feed goes on while that is fetched.
  void reload() {
    if (lists_.busy()) {
      reload_again_ = true;
      return;
    }
    lists_.read(sources_, [this](Result<WatchList, StartError> watch) {
      reloaded(std::move(watch));
      if (std::exchange(reload_again_, false)) reload();
    });
  }

  void reloaded(Result<WatchList, StartError> watch) {
    if (ending_) return;
    try {
      if (!watch) throw watch.error();
      feed_.reload(checked(std::move(watch).value()), read_hours(options_.hours));
    } catch (const StartError& error) {
      cli::log::error(cat(error.what(), "; what was read before stays in use"));
    }
  }

  /// The broker hears our good-bye, and what is written gets a moment to be read: after
  /// --count as long as it takes, for then it is the answer that was asked for.
  void end(cli::ExitCode status, const std::string& text) {
    if (std::exchange(ending_, true)) return;
    if (!text.empty()) cli::log::error(text);
    status_ = status;
    time_out_.stop();
    glance_.stop();
    cli::log::set_footer({});
    const bool asked_for = status == cli::ExitCode::kOk && options_.count > 0;
    if (!asked_for) last_words_.start(kLastWords);
    output_.when_idle([this] { last_words_.start(kGoodBye); });
  }

  const Options& options_;
  const instruments::Sources& sources_;
  loop::Loop loop_;
  net::Context context_;
  cli::ExitCode status_ = cli::ExitCode::kOk;
  bool ending_ = false;
  Output output_;
  std::unique_ptr<Recorder> recorder_;  // null: nothing is recorded
  Feed feed_;
  instruments::Reader lists_;
  bool reload_again_ = false;
  loop::Timer time_out_;
  loop::Timer last_words_;
  loop::Timer glance_;
  std::uint64_t ticks_at_glance_ = 0;
  loop::Signals signals_;
};

}  // namespace

cli::ExitCode run(const Options& options) {
  if (!options.replay.empty() && !options.list) return run_replay(options);
  cli::keep_memory_private();
  std::signal(SIGHUP, SIG_IGN);  // before there is anything to read again it must not end us
  const auto sources = instruments::sources(options.instruments, options.files, options.master);
  if (options.list) {
    cli::print(to_lines(checked(instruments::read_watch_list(sources))));
    return cli::ExitCode::kOk;
  }
  auto endpoint = choose_endpoint(options);
  account::CredentialSource credentials(options.token_file);
  const AccountLock lock(credentials.now().client_id, endpoint.label());
  return Run(options, sources, std::move(endpoint), credentials)();
}

}  // namespace ltp::feed
