#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::filter {

/// Holds lines back until Redis has answered what was made of them, so
/// that who reads a line further down the pipe finds its price in the cache.
///
/// Order    Bytes leave as they came, whatever happens.
/// Patience Nothing waits longer than that. When a block has, Redis is too slow to wait
///          for: the gate opens and all passes at once, until Redis has caught up (what
///          was the newest at some moment is answered within the patience).
/// Marks    What the blocks gave to Redis is counted from 1. A block's mark is the number
///          of the last of it that was given when the block was; marks never go back.
/// Pure     No clock: `now_ms` is any steady one of the caller's.
class Gate {
 public:
  explicit Gate(std::int64_t patience_ms) : patience_ms_(patience_ms) {}

  void hold(std::string_view block, std::uint64_t mark, std::int64_t now_ms);

  /// The first `count` have been answered, or need not be waited for.
  void answered(std::uint64_t count, std::int64_t now_ms);

  /// Time has passed.
  void expire(std::int64_t now_ms);
  /// When expire() will have something to do; none while nothing is held.
  std::optional<std::int64_t> expires_ms() const noexcept;

  /// The bytes that may go on now, each once. Valid until the next hold().
  std::string_view take() noexcept;

  /// Bytes that may not go on yet.
  std::size_t held_bytes() const noexcept { return bytes_.size() - free_; }

 private:
  struct Block {
    std::size_t size;
    std::uint64_t mark;
    std::int64_t since_ms;
  };
  void release_front() noexcept;
  void open(std::int64_t now_ms);
  void close_if_caught_up(std::int64_t now_ms);

  std::int64_t patience_ms_;
  std::string bytes_;      // taken, then free to go, then held
  std::size_t taken_ = 0;  // end of the first part
  std::size_t free_ = 0;   // end of the second
  std::deque<Block> held_;

  std::uint64_t newest_mark_ = 0;
  std::uint64_t answered_ = 0;
  bool open_ = false;
  std::uint64_t probe_mark_ = 0;  // while open: what is timed
  std::int64_t probe_ms_ = 0;
};

}  // namespace ltp::filter
