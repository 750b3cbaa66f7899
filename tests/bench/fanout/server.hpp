#pragma once

#include "base/unique_fd.hpp"
#include "bench/fanout/ticks.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// A server that is measured: on a core of its own, its lines by standard input.
class ServerUnderLoad {
 public:
  static constexpr int kCore = 0;  // the load runs on the other

  /// Returns when it says where it listens, or takes connections on `port`; ends the bench
  /// if it does not.
  explicit ServerUnderLoad(std::vector<std::string> command, std::uint16_t port = 0);
  ~ServerUnderLoad();
  ServerUnderLoad(const ServerUnderLoad&) = delete;
  ServerUnderLoad& operator=(const ServerUnderLoad&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  int input() const noexcept { return input_.get(); }
  double cpu_s() const;  // processor time up to now
  std::size_t resident_bytes() const;

 private:
  void await_word(const std::string& name);
  void await_port();

  const bool gently_;  // a script that clears up behind itself
  pid_t pid_ = -1;
  ltp::UniqueFd input_, errors_;
  std::uint16_t port_ = 0;
  std::thread drain_;  // of what it says, so that it never waits for us
};

/// Writes `count` ticks from number `first` on, so many a second, or as fast as they are
/// taken (0); in a thread of its own until the end of this object.
class Feeder {
 public:
  /// How a line is written; it has its newline.
  using Append = void (*)(std::string& out, std::string_view line);
  static void append_line(std::string& out, std::string_view line) { out += line; }

  Feeder(int fd, TickLines& lines, std::uint64_t first, std::uint64_t count, double per_second,
         Append append = append_line);
  ~Feeder() { finish(); }
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  void finish();  // waits until all are written

 private:
  std::thread thread_;
};

/// The calling thread, and all that it starts from now on, on this core only.
void pin_to(int core);
