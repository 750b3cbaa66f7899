// How exactly ltp-feed replays a capture at the speed at which it was received: how much
// later than due each line can be read from its standard output.

#include "dhan/capture.hpp"
#include "programs.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace ltp;

namespace {

constexpr int kTicks = 20'000;
constexpr double kMeanGap_us = 1000;  // at random, as trades come

std::vector<std::int64_t> write_capture(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << dhan::capture::kFirstLine << '\n';
  std::mt19937 random(1);
  std::exponential_distribution<double> gap(1 / kMeanGap_us);
  std::vector<std::int64_t> times;
  double at = 1767588330e6;
  for (int i = 0; i < kTicks; ++i, at += gap(random)) {
    times.push_back(static_cast<std::int64_t>(at));
    std::string message, line;
    dhan::append_packet(message, {{static_cast<std::uint8_t>(dhan::Code::kTicker), 0, 1, 2885},
                                  dhan::Ticker{1393.4f, 1767608130}});
    dhan::capture::append_message(line, times.back(), std::as_bytes(std::span(message)));
    file << line;
  }
  return times;
}

/// When each tick line could be read, in microseconds.
std::vector<std::int64_t> read_lines(int fd) {
  using namespace std::chrono;
  constexpr std::string_view kTick = R"({"type":"screener_ltp_update")";
  std::vector<std::int64_t> times;
  std::string text;
  char bytes[65'536];
  for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0;) {
    const auto now = duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
    text.append(bytes, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (text.compare(begin, kTick.size(), kTick) == 0) times.push_back(now);
    text.erase(0, begin);
  }
  return times;
}

}  // namespace

int main() {
  const TempDir dir;
  const auto capture = dir / "capture";
  const auto due = write_capture(capture);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return 1;
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const auto pid = start_program(
      {built_program("ltp-feed"), "--quiet", "--replay", capture, "--speed", "1"}, writing.get());
  writing.reset();
  const auto read_at = read_lines(reading.get());
  finish_program(pid);
  if (read_at.size() != due.size()) {
    std::fprintf(stderr, "%zu lines came, not %zu\n", read_at.size(), due.size());
    return 1;
  }

  // When the replay began is not known from here: the line that was least late counts as
  // in time.
  std::vector<std::int64_t> late(due.size());
  for (std::size_t i = 0; i < due.size(); ++i) late[i] = read_at[i] - due[i];
  std::sort(late.begin(), late.end());
  const auto percentile = [&](double p) {
    const auto at = static_cast<std::size_t>(p * static_cast<double>(late.size() - 1));
    return static_cast<double>(late[at] - late.front()) / 1000;
  };
  std::printf(
      "%zu ticks in %.0f s; later than due by, in ms: median %.3f, 99 %% %.3f, "
      "99.9 %% %.3f, most %.3f\n",
      due.size(), static_cast<double>(due.back() - due.front()) / 1e6, percentile(0.5),
      percentile(0.99), percentile(0.999), percentile(1));
}
