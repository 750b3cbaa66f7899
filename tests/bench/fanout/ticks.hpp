#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Tick lines as ltp-feed writes them, of `instruments` instruments in turn, all of the same
/// length: number and time of each stand at a fixed place, where whoever receives it reads
/// them without a parser.
class TickLines {
 public:
  static constexpr std::uint64_t kFirstSeq = 1'000'000'000;  // ten digits for a long time
  static constexpr std::uint32_t kFirstId = 10'000;

  explicit TickLines(std::size_t instruments);

  /// The line of the tick `n`, 0 and up, received now; with its newline. Valid until the next.
  std::string_view line(std::uint64_t n, std::int64_t now_us);

  std::size_t size() const noexcept { return lines_.front().size() - 1; }  // without newline
  std::size_t instruments() const noexcept { return lines_.size(); }
  static std::string key(std::size_t instrument);  // "NSE_EQ:10000"

  /// What a line of ours says, which begins at `line`.
  struct Said {
    std::uint64_t n;
    std::size_t instrument;
    std::int64_t at_us;
  };
  Said read(const char* line) const noexcept;

 private:
  std::vector<std::string> lines_;
  std::size_t seq_at_ = 0, time_at_ = 0, id_at_ = 0;
};
