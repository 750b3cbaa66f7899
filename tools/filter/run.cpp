#include "filter/run.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "filter/filter.hpp"
#include "filter/pump.hpp"
#include "loop/loop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::filter {
namespace {

constexpr loop::Ms kLastWords{5'000};

/// A closed descriptor would be taken by the next socket, and prices written into it.
void check_stream(int fd, std::string_view name) {
  if (::fcntl(fd, F_GETFD) < 0) throw StartError(Fault::kIo, cat(name, " is closed"));
}

void check_streams(std::string_view tool, bool writes) {
  check_stream(STDIN_FILENO, "standard input");
  if (writes) check_stream(STDOUT_FILENO, "standard output");
  // What nothing is written to may be closed, but not be taken: the lowest that is free is.
  while (::fcntl(STDERR_FILENO, F_GETFD) < 0 || ::fcntl(STDOUT_FILENO, F_GETFD) < 0)
    if (::open("/dev/null", O_WRONLY) < 0) throw StartError(Fault::kIo, "cannot open /dev/null");
  if (::isatty(STDIN_FILENO) == 1)
    throw StartError(Fault::kUsage, cat("standard input is a terminal; pipe ticks into it, as in "
                                        "'ltp-feed NSE_EQ:2885 | ",
                                        tool, "'; see ", tool, " --help"));
}

class Run {
 public:
  Run(loop::Loop& loop, const Plan& plan, Outbox::Words words)
      : loop_(loop),
        outbox_(loop, plan, words,
                {.on_known = [this] { pump_.start_reading(); },
                 .on_settled =
                     [this] {
                       pump_.settled();
                       stop_if_done();
                     }}),
        filter_(plan, outbox_),
        pump_(loop,
              {.in_fd = STDIN_FILENO,
               .out_fd = plan.pass_on ? std::optional{STDOUT_FILENO} : std::nullopt,
               .strict = plan.strict,
               .merges = !plan.publish},
              filter_, outbox_,
              {.on_input_end = [this](const std::string& error) { on_input_end(error); },
               .on_output_closed = [this](const std::string& error) { on_output_closed(error); },
               .on_bad_line = [this](const std::string& what) { on_bad_line(what); },
               .on_progress = [this] { stop_if_done(); }}),
        last_words_(loop, [this] { on_too_late(); }),
        signals_(loop, {SIGTERM, SIGINT}, [this](int) { on_signal(); }) {}

  cli::ExitCode run() {
    outbox_.start();
    loop_.run();
    if (!pump_.idle()) {
      cli::log::error(
          cat("the reader of standard output left ", pump_.unwritten(), " bytes untaken"));
      failed(cli::ExitCode::kIo);
    }
    if (!outbox_.give_up()) failed(cli::ExitCode::kUnavailable);
    return status_;
  }

 private:
  void on_input_end(const std::string& error) {
    if (!error.empty()) {
      cli::log::error(cat("cannot read standard input: ", error));
      failed(cli::ExitCode::kIo);
    }
    end();
  }

  void on_output_closed(const std::string& error) {
    if (error.empty()) {
      cli::log::debug("the reader of standard output has gone");
    } else {
      cli::log::error(cat("cannot write to standard output: ", error));
      failed(cli::ExitCode::kIo);
    }
    end();
  }

  void on_bad_line(const std::string& what) {
    cli::log::error(cat(what, "; stopping, as --strict says"));
    failed(cli::ExitCode::kBadInput);
    end();
  }

  void on_signal() {
    if (signalled_) return loop_.stop();
    signalled_ = true;
    end();
  }

  void end() {
    ending_ = true;
    pump_.stop_reading();
    if (!last_words_.running()) last_words_.start(kLastWords);
    stop_if_done();
  }

  void on_too_late() {
    redis_had_its_time_ = true;
    if (signalled_) return loop_.stop();
    stop_if_done();
  }

  void stop_if_done() {
    if (ending_ && pump_.idle() && (redis_had_its_time_ || outbox_.idle())) loop_.stop();
  }

  /// The first failure is the one that is told by the status.
  void failed(cli::ExitCode status) {
    if (status_ == cli::ExitCode::kOk) status_ = status;
  }

  loop::Loop& loop_;
  Outbox outbox_;
  Filter filter_;
  Pump pump_;
  loop::Timer last_words_;
  loop::Signals signals_;
  bool ending_ = false;
  bool signalled_ = false;
  bool redis_had_its_time_ = false;
  cli::ExitCode status_ = cli::ExitCode::kOk;
};

}  // namespace

cli::ExitCode run(const Plan& plan, Outbox::Words words) {
  check_streams(words.tool, plan.pass_on);
  loop::Loop loop;
  return Run(loop, plan, words).run();
}

}  // namespace ltp::filter
