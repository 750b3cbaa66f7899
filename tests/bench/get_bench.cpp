#include "programs.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

/// How long a program takes from its start to its answer for two keys: ltp-get beside
/// redis-cli mget, started in turns; medians. The first argument is the unix socket of a
/// Redis that has ltp:NSE_EQ:2885 and ltp:IDX_I:13, the second how often (default 500).
namespace {

struct Contender {
  const char* name;
  std::vector<std::string> command;
  std::vector<double> ms;
};

double run_once(const std::vector<std::string>& command, int out_fd) {
  const auto begin = std::chrono::steady_clock::now();
  finish_program(start_program(command, out_fd));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  return took.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: get_bench REDIS_SOCKET [TIMES]\n");
    return 64;
  }
  const std::string socket = argv[1];
  const int times = argc > 2 ? std::atoi(argv[2]) : 500;
  setenv("REDIS_URL", ("unix://" + socket).c_str(), 1);
  const ltp::UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  Contender contenders[] = {
      {"redis-cli mget", {"redis-cli", "-s", socket, "mget", "ltp:NSE_EQ:2885", "ltp:IDX_I:13"}, {}},
      {"ltp-get", {built_program("ltp-get"), "NSE_EQ:2885", "IDX_I:13"}, {}},
      {"ltp-get-whole",
       {built_program("../libexec/ltp/ltp-get-whole"), "NSE_EQ:2885", "IDX_I:13"},
       {}},
      {"true", {"true"}, {}},
  };
  for (int i = 0; i < times; ++i)
    for (auto& contender : contenders)
      contender.ms.push_back(run_once(contender.command, nowhere.get()));
  double reference = 0;
  for (auto& contender : contenders) {
    std::sort(contender.ms.begin(), contender.ms.end());
    const double median = contender.ms[contender.ms.size() / 2];
    if (reference == 0) reference = median;
    std::printf("%-16s %6.2f ms, at best %5.2f  %5.2f x redis-cli\n", contender.name, median,
                contender.ms.front(), median / reference);
  }
}
