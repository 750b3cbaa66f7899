#include "bench/fanout/server.hpp"

#include "base/clock.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

namespace {

constexpr int kPipe = 1 << 20;
constexpr int kPatience_ms = 10'000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "fanout_bench: %s\n", what.c_str());
  std::exit(69);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(fd, bytes.data(), bytes.size());
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void feed(int fd, TickLines& lines, std::uint64_t first, std::uint64_t count, double per_second,
          Feeder::Append append) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kAtOnce = 64 << 10;
  const auto begin = Clock::now();
  std::string block;
  for (std::uint64_t i = 0; i < count;) {
    auto due = count;
    if (per_second > 0) {
      const std::chrono::duration<double> gone = Clock::now() - begin;
      due = std::min(count, static_cast<std::uint64_t>(gone.count() * per_second) + 1);
      if (due <= i) {
        std::this_thread::sleep_until(
            begin + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(i) / per_second)));
        continue;
      }
    }
    block.clear();
    for (; i < due && block.size() < kAtOnce; ++i)
      append(block, lines.line(first + i, ltp::wall_us()));
    if (!write_all(fd, block)) return;
  }
}

}  // namespace

void pin_to(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

ServerUnderLoad::ServerUnderLoad(std::vector<std::string> command, std::uint16_t port)
    : gently_(port != 0), port_(port) {
  int in[2], errors[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) fail("no pipe");
  fcntl(in[1], F_SETPIPE_SZ, kPipe);
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);  // with what it starts
    prctl(PR_SET_PDEATHSIG, gently_ ? SIGTERM : SIGKILL);
    if (getppid() != parent) _exit(1);
    pin_to(kCore);
    dup2(in[0], STDIN_FILENO);
    dup2(errors[1], STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(in[0]);
  close(errors[1]);
  input_.reset(in[1]);
  errors_.reset(errors[0]);

  port == 0 ? await_word(command[0]) : await_port();
  drain_ = std::thread([fd = errors_.get()] {
    char some[4096];
    for (ssize_t count; (count = read(fd, some, sizeof some)) > 0;)
      (void)!write(STDERR_FILENO, some, static_cast<std::size_t>(count));
  });
}

void ServerUnderLoad::await_word(const std::string& name) {
  std::string said;
  for (;;) {
    pollfd ready{errors_.get(), POLLIN, 0};
    char some[4096];
    if (poll(&ready, 1, kPatience_ms) <= 0) fail(name + " does not say where it listens");
    const auto count = read(errors_.get(), some, sizeof some);
    if (count <= 0) fail(name + " has ended: " + said);
    said.append(some, static_cast<std::size_t>(count));
    constexpr std::string_view kHost = "listening on http://127.0.0.1:";
    const auto at = said.find(kHost);
    if (at == std::string::npos || said.find('\n', at) == std::string::npos) continue;
    port_ = static_cast<std::uint16_t>(std::atoi(said.c_str() + at + kHost.size()));
    break;
  }
}

void ServerUnderLoad::await_port() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(3 * kPatience_ms);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons(port_);
  while (std::chrono::steady_clock::now() < end) {
    const ltp::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  fail("nothing listens on port " + std::to_string(port_));
}

ServerUnderLoad::~ServerUnderLoad() {
  kill(-pid_, gently_ ? SIGTERM : SIGKILL);
  waitpid(pid_, nullptr, 0);
  drain_.join();
}

double ServerUnderLoad::cpu_s() const {
  clockid_t clock;
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0)
    fail("the server has gone");
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::size_t ServerUnderLoad::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Feeder::Feeder(int fd, TickLines& lines, std::uint64_t first, std::uint64_t count,
               double per_second, Append append)
    : thread_([=, &lines] { feed(fd, lines, first, count, per_second, append); }) {}

void Feeder::finish() {
  if (thread_.joinable()) thread_.join();
}
