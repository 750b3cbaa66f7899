// How fast key and price are read out of tick lines, beside a mere search for newlines.

#include "rounds.hpp"
#include "tick/line.hpp"
#include "tick/ndjson.hpp"

#include <cstdlib>
#include <string_view>

using namespace ltp;

int main() {
  constexpr int kLines = 100'000;
  std::string block;
  for (std::uint32_t i = 0; i < kLines; ++i)
    ndjson::append_tick(block, {.instrument = {Segment::kNseEq, i % 1000 + 1},
                                .symbol = "RELIANCE",
                                .kind = TickKind::kQuote,
                                .source = Source::kWebsocket,
                                .ltp = 1393.4f + static_cast<float>(i % 200) * 0.05f,
                                .trade_time_s = 1767588329,
                                .recv_us = 1767588330123456,
                                .seq = i + 1,
                                .day = DayFigures{25, 4567890, 812345, 734210, 1390, 1388, 1397.2f,
                                                  1385.55f, 1381.2f},
                                .prev_close = 1381.2f});
  const std::size_t size = block.size();
  block.append(line::kPadding, '\0');

  const auto each_line = [&](auto&& use) {
    for (std::string_view rest{block.data(), size}; !rest.empty();) {
      const auto end = rest.find('\n');
      use(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  };
  std::size_t sum = 0;
  line::Reader reader;
  std::printf("%d lines of %zu bytes\n", kLines, size / kLines);
  compare("lines", kLines,
          {{"reference: find the newlines",
            [&] { each_line([&](std::string_view text) { sum += text.size(); }); }},
           {"line::Reader, in place",
            [&] {
              each_line([&](std::string_view text) {
                const auto read = reader.read_in_place(text);
                if (!std::holds_alternative<line::TickLine>(read)) std::abort();
              });
            }},
           {"line::Reader, with a copy", [&] {
              each_line([&](std::string_view text) {
                const auto read = reader.read(text);
                if (!std::holds_alternative<line::TickLine>(read)) std::abort();
              });
            }}});
  return sum == 0;
}
