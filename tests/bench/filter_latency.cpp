// What a filter adds to the way of a tick, at 100 ticks a second: from its standard input to
// its standard output, and to a subscriber of Redis. Beside it, in the same run and in turns
// with it: `cat`, and a PUBLISH without a filter.
//
//   filter_latency REDIS_SOCKET FILTER [OPTION…]

#include "redis/codec.hpp"
#include "tick/ndjson.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace ltp;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kTicks = 1000;
constexpr int kWarmUp = 50;
constexpr auto kPace = std::chrono::milliseconds(10);

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "filter_latency: %s\n", what);
  std::exit(74);
}

struct Child {
  pid_t pid;
  int in, out;
};

Child start(char* const argv[]) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) fail("no pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execvp(argv[0], argv);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  return {pid, in[1], out[0]};
}

int connect_to(const char* path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("cannot connect to Redis");
  return fd;
}

void put(int fd, std::string_view bytes) {
  if (write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    fail("short write");
}

/// Microseconds from `begin` until each descriptor has brought the mark.
std::vector<double> wait_for(std::string_view mark, Clock::time_point begin, std::vector<int> fds) {
  std::vector<double> took(fds.size(), -1);
  std::vector<std::string> got(fds.size());
  std::vector<pollfd> polls;
  for (const int fd : fds) polls.push_back({fd, POLLIN, 0});
  while (std::count(took.begin(), took.end(), -1) > 0) {
    if (poll(polls.data(), polls.size(), 5000) <= 0) fail("a tick did not come");
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (polls[i].revents == 0) continue;
      char bytes[65536];
      const ssize_t count = read(fds[i], bytes, sizeof bytes);
      const std::chrono::duration<double, std::micro> now = Clock::now() - begin;
      if (count <= 0) fail("the other side has gone");
      got[i].append(bytes, static_cast<std::size_t>(count));
      if (took[i] < 0 && got[i].find(mark) != std::string::npos) took[i] = now.count();
    }
  }
  return took;
}

void print(const char* name, std::vector<double> took) {
  took.erase(took.begin(), took.begin() + kWarmUp);
  std::sort(took.begin(), took.end());
  const auto at = [&](double share) {
    return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
  };
  std::printf("%-36s median %7.0f us   p99 %7.0f us   most %7.0f us\n", name, at(0.5), at(0.99),
              at(1));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  std::signal(SIGPIPE, SIG_IGN);
  const Child filter = start(argv + 2);
  char cat_name[] = "cat";
  char* const cat_argv[] = {cat_name, nullptr};
  const Child cat = start(cat_argv);
  const int listener = connect_to(argv[1]);
  const int talker = connect_to(argv[1]);
  put(listener, "SUBSCRIBE live_ltp_updates bare\r\n");
  wait_for("bare", Clock::now(), {listener});

  std::vector<double> through, to_redis, through_cat, bare;
  auto due = Clock::now();
  for (int i = 0; i < kTicks; ++i) {
    std::string line;
    ndjson::append_tick(line, {.instrument = {Segment::kNseEq, 2885},
                               .symbol = "RELIANCE",
                               .kind = TickKind::kTicker,
                               .source = Source::kSimulator,
                               .ltp = 1393.4f,
                               .recv_us = 1767588330123456,
                               .seq = static_cast<std::uint64_t>(i)});
    const auto mark = "\"seq\":" + std::to_string(i) + "}";
    std::this_thread::sleep_until(due);
    auto begin = Clock::now();
    put(filter.in, line);
    auto took = wait_for(mark, begin, {filter.out, listener});
    through.push_back(took[0]);
    to_redis.push_back(took[1]);

    std::this_thread::sleep_until(due + kPace / 2);
    std::string command;
    const std::string_view words[] = {"PUBLISH", "bare", line};
    redis::append_command(command, words);
    begin = Clock::now();
    put(cat.in, line);
    put(talker, command);
    took = wait_for(mark, begin, {cat.out, listener});
    through_cat.push_back(took[0]);
    bare.push_back(took[1]);
    wait_for(":1\r\n", begin, {talker});
    due += kPace;
  }
  for (const auto& child : {filter, cat}) {
    close(child.in);
    int status = 0;
    waitpid(child.pid, &status, 0);
  }
  print("reference: cat, stdin to stdout", through_cat);
  print("filter, stdin to stdout", through);
  print("reference: PUBLISH to subscriber", bare);
  print("filter, stdin to subscriber", to_redis);
}
