#include "workers.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>

namespace ltp::serve {
namespace {

namespace log = cli::log;

constexpr std::int64_t kSettled_ms = 5000;
constexpr std::int64_t kAgain_ms = 1000;
constexpr std::int64_t kLook_ms = 200;

/// A status that will be the same next time.
bool is_final(int status) noexcept {
  return WIFEXITED(status) && (WEXITSTATUS(status) == static_cast<int>(cli::ExitCode::kUsage) ||
                               WEXITSTATUS(status) == static_cast<int>(cli::ExitCode::kConfig) ||
                               WEXITSTATUS(status) == static_cast<int>(cli::ExitCode::kIo));
}

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? cat("was ended by signal ", WTERMSIG(status))
                             : cat("ended with status ", WEXITSTATUS(status));
}

class Workers {
 public:
  explicit Workers(const std::function<cli::ExitCode()>& work) : work_(work), parent_(getpid()) {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&signals_, signal);
    sigprocmask(SIG_BLOCK, &signals_, &before_);
  }

  cli::ExitCode run(unsigned count, int patience_s) {
    wanted_ = count;
    while (!ending_ || !started_ms_.empty()) {
      while (!ending_ && started_ms_.size() < wanted_ && steady_ms() >= next_start_ms_) start();
      if (const auto signal = wait(); signal && *signal != SIGCHLD) pass_on(*signal, patience_s);
      reap();
      if (ending_ && steady_ms() >= kill_ms_) tell_all(SIGKILL);
    }
    return static_cast<cli::ExitCode>(status_);
  }

 private:
  void start() {
    const auto pid = fork();
    if (pid < 0)
      throw StartError(Fault::kIo, cat("cannot start a worker (", std::strerror(errno), ")"));
    if (pid > 0) {
      started_ms_.emplace(pid, steady_ms());
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent_) _exit(0);  // it went before we said so
    sigprocmask(SIG_SETMASK, &before_, nullptr);
    int status = 0;
    try {
      status = static_cast<int>(work_());
    } catch (const StartError& error) {
      log::error(error.what());
      status = static_cast<int>(cli::exit_code(error.fault()));
    } catch (const std::exception& error) {
      log::error(cat("this is a defect of ltp-serve: ", error.what()));
      status = static_cast<int>(cli::ExitCode::kBug);
    }
    std::exit(status);
  }

  std::optional<int> wait() const {
    const timespec time{.tv_sec = 0, .tv_nsec = kLook_ms * 1'000'000};
    const int signal = sigtimedwait(&signals_, nullptr, &time);
    return signal > 0 ? std::optional(signal) : std::nullopt;
  }

  void pass_on(int signal, int patience_s) {
    if (signal != SIGHUP) {
      // A second time they are to end at once.
      if (!ending_) kill_ms_ = steady_ms() + patience_s * 1000;
      ending_ = true;
    }
    tell_all(signal);
  }

  void tell_all(int signal) const {
    for (const auto& [pid, since_ms] : started_ms_) kill(pid, signal);
  }

  void reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      const auto found = started_ms_.find(pid);
      if (found == started_ms_.end()) continue;
      const bool settled = steady_ms() - found->second >= kSettled_ms;
      started_ms_.erase(found);
      if (ending_) {
        status_ = std::max(status_, WIFEXITED(status) ? WEXITSTATUS(status)
                                                      : static_cast<int>(cli::ExitCode::kBug));
      } else if (!settled && is_final(status)) {
        status_ = WEXITSTATUS(status);
        ending_ = true;
        kill_ms_ = steady_ms() + kSettled_ms;
        tell_all(SIGTERM);
      } else {
        log::warn(cat("worker ", pid, " ", how_it_ended(status), "; another takes its place"));
        if (!settled) next_start_ms_ = steady_ms() + kAgain_ms;
      }
    }
  }

  const std::function<cli::ExitCode()>& work_;
  const pid_t parent_;
  sigset_t signals_{};
  sigset_t before_{};
  std::size_t wanted_ = 0;
  std::map<pid_t, std::int64_t> started_ms_;
  std::int64_t next_start_ms_ = 0;
  bool ending_ = false;
  std::int64_t kill_ms_ = 0;
  int status_ = 0;
};

}  // namespace

cli::ExitCode run_workers(unsigned count, int patience_s,
                          const std::function<cli::ExitCode()>& work) {
  return Workers(work).run(count, patience_s);
}

}  // namespace ltp::serve
