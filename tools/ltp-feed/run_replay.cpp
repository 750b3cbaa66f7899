#include "run_replay.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "instruments/reader.hpp"
#include "replay.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace ltp::feed {
namespace {

constexpr loop::Ms kLastWords{1000};

WatchList read_watch_list(const Options& options) {
  const auto& files = options.files;
  if (options.replay == "-" && std::find(files.begin(), files.end(), "-") != files.end())
    throw StartError(Fault::kUsage,
                     "standard input cannot be both the recording and a list of instruments");
  return instruments::read_watch_list(
      instruments::sources(options.instruments, files, options.master));
}

class ReplayRun {
 public:
  explicit ReplayRun(const Options& options)
      : watch_(read_watch_list(options)),
        output_(loop_, STDOUT_FILENO, Output::Policy::kLossless,
                [this](const std::string& error) { on_reader_gone(error); }),
        replay_(loop_, settings(options), watch_, output_,
                [this](cli::ExitCode status, const std::string& text) { end(status, text); }),
        options_(options),
        time_out_(loop_, [this] { on_time_out(); }),
        last_words_(loop_, [this] { loop_.stop(); }),
        signals_(loop_, {SIGTERM, SIGINT}, [this](int) { on_signal(); }) {}

  cli::ExitCode operator()() {
    if (options_.timeout.count() > 0) time_out_.start(options_.timeout);
    loop_.run();
    return status_;
  }

 private:
  static Replay::Settings settings(const Options& options) {
    return {.file = options.replay,
            .speed = options.speed,
            .count = options.count,
            .tell_status = !options.no_status};
  }

  void on_reader_gone(const std::string& error) {
    if (!error.empty()) {
      cli::log::error(cat("cannot write to standard output: ", error));
      status_ = cli::ExitCode::kIo;
    }
    loop_.stop();
  }

  void on_signal() {
    if (std::exchange(ending_, true)) return loop_.stop();
    cut_short();
  }

  /// As with a live feed.
  void on_time_out() {
    const auto ticks = replay_.ticks();
    if (options_.count > 0) {
      cli::log::error(cat("only ", counted(ticks, "tick"), " of ", options_.count,
                          " came in the time allowed"));
    } else if (ticks == 0) {
      cli::log::error("no tick came in the time allowed");
    }
    if (options_.count > 0 || ticks == 0) status_ = cli::ExitCode::kTryLater;
    cut_short();
  }

  /// What is written gets a moment to be read.
  void cut_short() {
    replay_.stop();
    last_words_.start(kLastWords);
    output_.when_idle([this] { loop_.stop(); });
  }

  /// The reader gets all the time that it takes.
  void end(cli::ExitCode status, const std::string& text) {
    time_out_.stop();
    if (!text.empty()) cli::log::error(text);
    status_ = status;
    output_.when_idle([this] { loop_.stop(); });
  }

  loop::Loop loop_;
  cli::ExitCode status_ = cli::ExitCode::kOk;
  bool ending_ = false;
  WatchList watch_;
  Output output_;
  Replay replay_;
  const Options& options_;
  loop::Timer time_out_;
  loop::Timer last_words_;
  loop::Signals signals_;
};

}  // namespace

cli::ExitCode run_replay(const Options& options) {
  return ReplayRun(options)();
}

}  // namespace ltp::feed
