#pragma once

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

/// A program built beside this one.
inline std::string built_program(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

/// Starts a program, its standard output to `out_fd`; the process id.
inline pid_t start_program(const std::vector<std::string>& command, int out_fd) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  dup2(out_fd, STDOUT_FILENO);
  execvp(arguments[0], arguments.data());
  std::perror(arguments[0]);
  _exit(127);
}

/// Waits for its end; the seconds of processor time that it took.
inline double finish_program(pid_t pid) {
  int status = 0;
  rusage used{};
  if (wait4(pid, &status, 0, &used) != pid || status != 0) {
    std::fprintf(stderr, "a program failed\n");
    std::exit(1);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Runs a program to its end, its standard output into a file; its processor time.
inline double run_program(const std::vector<std::string>& command, const std::string& out_file) {
  const ltp::UniqueFd out(open(out_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  return finish_program(start_program(command, out.get()));
}
