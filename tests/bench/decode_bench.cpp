// How fast quote packets become tick lines, beside a bare copy of the same output.

#include "dhan/assembler.hpp"
#include "dhan/frame.hpp"
#include "rounds.hpp"
#include "tick/ndjson.hpp"

#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

using namespace ltp;

int main() {
  constexpr int kInstruments = 1000;
  constexpr int kTimes = 500;
  std::string message;
  for (std::uint32_t id = 1; id <= kInstruments; ++id) {
    const float price = 1393.4f + static_cast<float>(id) * 0.05f;
    dhan::append_packet(message, {{static_cast<std::uint8_t>(dhan::Code::kQuote), 0, 1, id},
                                  dhan::Quote{price, 1767608130,
                                              DayFigures{25, 4567890, 812345, 734210, price - 3,
                                                         1388, price + 4, 1385.55f, 1381.2f}}});
  }
  const auto bytes = std::as_bytes(std::span(message));

  std::string lines;
  const auto decode = [&](bool with_lines) {
    dhan::Assembler assembler(Source::kWebsocket);
    for (int i = 0; i < kTimes; ++i) {
      lines.clear();
      dhan::split(
          bytes,
          [&](const dhan::Packet& packet, std::size_t) {
            const auto tick = assembler.add(packet, 1767588330123456);
            if (with_lines && tick) ndjson::append_tick(lines, *tick);
          },
          [](const dhan::IssueAt&) { std::abort(); });
    }
  };
  decode(true);
  const std::string output = lines;
  std::string copy(output.size(), '\0');

  std::printf("%d quote packets a message, %zu bytes a line\n", kInstruments,
              output.size() / kInstruments);
  compare("ticks", double{kInstruments} * kTimes,
          {{"reference: memcpy of the lines",
            [&] {
              for (int i = 0; i < kTimes; ++i) {
                std::memcpy(copy.data(), output.data(), output.size());
                asm volatile("" : : "r"(copy.data()) : "memory");
              }
            }},
           {"split, decode",
            [&] {
              for (int i = 0; i < kTimes; ++i)
                dhan::split(
                    bytes,
                    [](const dhan::Packet& packet, std::size_t) {
                      asm volatile("" : : "r"(&packet) : "memory");  // it is wanted
                    },
                    [](const dhan::IssueAt&) { std::abort(); });
            }},
           {"split, decode, assemble", [&] { decode(false); }},
           {"split, decode, assemble, write the line", [&] { decode(true); }}});
}
