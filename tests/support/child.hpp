#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

/// A program that a test has started. It goes with this object, and with the test, even if
/// that crashes.
class Child {
 public:
  Child() = default;
  ~Child() { stop(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// `words`: the program, found by PATH, and its arguments. `out`: a descriptor for what
  /// it says; none: nobody hears it. `directory`: where it runs; empty: here.
  void start(std::vector<std::string> words, int out = -1, const std::string& directory = "") {
    stop();
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(1);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(out < 0 ? nowhere : out, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  /// At once, as a crash would.
  void stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// Alive, connected and silent, until thaw().
  void freeze() { kill(pid_, SIGSTOP); }
  void thaw() { kill(pid_, SIGCONT); }

  /// False once it has ended by itself.
  bool runs() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
    return pid_ > 0;
  }

 private:
  pid_t pid_ = -1;
};
