#include "bench/fanout/ticks.hpp"

#include "tick/ndjson.hpp"

#include <cassert>
#include <charconv>

namespace {

constexpr std::size_t kSeqDigits = 10, kTimeDigits = 16, kIdDigits = 5;

std::uint64_t digits(const char* at, std::size_t count) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + static_cast<unsigned>(at[i] - '0');
  return value;
}

void put_digits(std::string& line, std::size_t at, std::uint64_t value, std::size_t count) {
  [[maybe_unused]] const auto end =
      std::to_chars(line.data() + at, line.data() + at + count, value).ptr;
  assert(end == line.data() + at + count);
}

std::size_t after(const std::string& line, std::string_view what) {
  return line.find(what) + what.size();
}

}  // namespace

TickLines::TickLines(std::size_t instruments) {
  assert(instruments <= 90'000);
  for (std::size_t i = 0; i < instruments; ++i) {
    const auto symbol = "STOCK" + std::to_string(kFirstId + i);
    std::string line;
    ltp::ndjson::append_tick(
        line, {.instrument = {ltp::Segment::kNseEq, static_cast<std::uint32_t>(kFirstId + i)},
               .symbol = symbol,
               .kind = ltp::TickKind::kQuote,
               .source = ltp::Source::kSimulator,
               .ltp = 1393.4f,
               .trade_time_s = 1767588329,
               .recv_us = 1767588330123456,
               .recorded_us = {},
               .seq = kFirstSeq,
               .day = ltp::DayFigures{.last_qty = 12,
                                      .volume = 4'567'890,
                                      .sell_qty = 120'334,
                                      .buy_qty = 81'520,
                                      .average_price = 1391.07f,
                                      .open = 1388,
                                      .high = 1397.2f,
                                      .low = 1385.55f,
                                      .close = 1381.2f},
               .prev_close = 1381.2f,
               .open_interest = {}});
    lines_.push_back(std::move(line));
  }
  seq_at_ = after(lines_.front(), "\"seq\":");
  time_at_ = after(lines_.front(), "\"recv_us\":");
  id_at_ = after(lines_.front(), "\"instrument_key\":\"NSE_EQ:");
}

std::string_view TickLines::line(std::uint64_t n, std::int64_t now_us) {
  auto& line = lines_[n % lines_.size()];
  put_digits(line, seq_at_, kFirstSeq + n, kSeqDigits);
  put_digits(line, time_at_, static_cast<std::uint64_t>(now_us), kTimeDigits);
  return line;
}

std::string TickLines::key(std::size_t instrument) {
  return "NSE_EQ:" + std::to_string(kFirstId + instrument);
}

TickLines::Said TickLines::read(const char* line) const noexcept {
  return {.n = digits(line + seq_at_, kSeqDigits) - kFirstSeq,
          .instrument = static_cast<std::size_t>(digits(line + id_at_, kIdDigits) - kFirstId),
          .at_us = static_cast<std::int64_t>(digits(line + time_at_, kTimeDigits))};
}
