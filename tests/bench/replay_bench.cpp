// How fast ltp-feed replays a capture of quote packets to /dev/null, beside what cat takes
// for the same output.

#include "dhan/capture.hpp"
#include "programs.hpp"
#include "rounds.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

using namespace ltp;

namespace {

constexpr std::uint32_t kTicks = 400'000;
constexpr std::uint32_t kInstruments = 1000;

/// One packet a message, as the broker sends them.
void write_capture(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << dhan::capture::kFirstLine << '\n';
  std::string message, line;
  for (std::uint32_t i = 0; i < kTicks; ++i) {
    const float price = 1393.4f + static_cast<float>(i % 2000) * 0.05f;
    message.clear();
    line.clear();
    dhan::append_packet(
        message, {{static_cast<std::uint8_t>(dhan::Code::kQuote), 0, 1, i % kInstruments + 1},
                  dhan::Quote{price, 1767608130 + i / 1000,
                              DayFigures{25, 4567890 + i, 812345, 734210, price - 3, 1388,
                                         price + 4, 1385.55f, 1381.2f}}});
    dhan::capture::append_message(line, 1767588330123456 + std::int64_t{i} * 1000,
                                  std::as_bytes(std::span(message)));
    file << line;
  }
}

}  // namespace

int main() {
  const TempDir dir;
  const auto capture = dir / "capture";
  const auto output = dir / "output";
  write_capture(capture);
  const std::vector<std::string> replay{
      built_program("ltp-feed"), "--quiet", "--replay", capture, "--speed", "max"};
  run_program(replay, output);

  std::printf("%u quote packets, a message each: %ju bytes of capture, %ju bytes of lines\n",
              kTicks, static_cast<std::uintmax_t>(std::filesystem::file_size(capture)),
              static_cast<std::uintmax_t>(std::filesystem::file_size(output)));
  std::vector<double> cpu_s;
  compare("ticks", kTicks,
          {{"reference: cat of the same lines",
            [&] {
              run_program({"cat", output}, "/dev/null");
            }},
           {"ltp-feed --replay --speed max",
            [&] { cpu_s.push_back(run_program(replay, "/dev/null")); }}});
  std::sort(cpu_s.begin(), cpu_s.end());
  std::printf("the same, by its processor time alone         %12.0f ticks/s\n",
              kTicks / cpu_s[cpu_s.size() / 2]);
}
