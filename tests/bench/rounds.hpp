#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

/// Runs each of the things to compare once a round, in turns, so that a noisy machine is
/// as unkind to one as to the other; prints the median of five rounds, and how many times
/// the time of the first (the reference) each takes.
struct Contender {
  std::string name;
  std::function<void()> run;  // does `items` of them
};

inline void compare(const char* what, double items, const std::vector<Contender>& contenders) {
  constexpr int kRounds = 5;
  std::vector<std::array<double, kRounds>> seconds(contenders.size());
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      contenders[i].run();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      seconds[i][static_cast<std::size_t>(round)] = took.count();
    }
  double reference = 0;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    std::sort(seconds[i].begin(), seconds[i].end());
    const double median = seconds[i][kRounds / 2];
    if (i == 0) reference = median;
    std::printf("%-44s %12.0f %s/s  %8.1f ns each  %6.2f x the reference's time\n",
                contenders[i].name.c_str(), items / median, what, median / items * 1e9,
                median / reference);
  }
}
