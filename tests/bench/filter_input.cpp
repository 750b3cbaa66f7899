// Input for filter_bench.sh: tick lines, or the commands that a filter makes of them.
//
//   filter_input LINES INSTRUMENTS lines|setex|setex+publish
//
// The instruments come in turns and each line has a price that its instrument had not.

#include "redis/codec.hpp"
#include "tick/keys.hpp"
#include "tick/ndjson.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace ltp;

namespace {

Tick tick_of(std::uint32_t line, std::uint32_t instruments) {
  const auto price = 500.0f + static_cast<float>(line / instruments % 40'000) * 0.05f;
  return {.instrument = {Segment::kNseEq, line % instruments + 1},
          .symbol = "RELIANCE",
          .kind = TickKind::kQuote,
          .source = Source::kWebsocket,
          .ltp = price,
          .trade_time_s = 1767588329,
          .recv_us = 1767588330123456,
          .seq = line + 1,
          .day = DayFigures{25, 4567890, 812345, 734210, 1390, 1388, 1397.2f, 1385.55f, 1381.2f},
          .prev_close = 1381.2f};
}

void append_setex(std::string& out, const Tick& tick) {
  std::string price;
  ndjson::append_price(price, tick.ltp);
  const auto key = keys::price_key(tick.instrument);
  const std::string_view words[] = {"SETEX", key, "30", price};
  redis::append_command(out, words);
}

void append_publish(std::string& out, std::string_view line) {
  const std::string_view words[] = {"PUBLISH", keys::kUpdatesChannel, line};
  redis::append_command(out, words);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  const auto lines = static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10));
  const auto instruments = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  const std::string_view form = argv[3];
  std::string out, line;
  for (std::uint32_t i = 0; i < lines; ++i) {
    const auto tick = tick_of(i, instruments);
    line.clear();
    ndjson::append_tick(line, tick);
    if (form == "lines") out += line;
    if (form.starts_with("setex")) append_setex(out, tick);
    if (form == "setex+publish") append_publish(out, {line.data(), line.size() - 1});
    if (out.size() > 1 << 20 || i + 1 == lines) {
      if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 74;
      out.clear();
    }
  }
}
