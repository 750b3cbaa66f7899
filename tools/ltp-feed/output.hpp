#pragma once

#include "loop/line_writer.hpp"
#include "loop/loop.hpp"
#include "tick/conflator.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ltp::feed {

/// ltp-feed's standard output: never in the way of the socket.
///
/// Slow    While the reader takes nothing, kMaxPending bytes wait as they are; beyond
///         that the latest line per instrument is held and older ones are dropped and
///         counted. When the reader comes back it gets what waited, then the held.
/// Status  Of other lines only the latest is held, and goes out before the ticks.
class Output {
 public:
  static constexpr std::size_t kMaxPending = 64 << 10;

  /// `on_closed`: the reader left (error empty) or the write failed.
  Output(loop::Loop& loop, int fd, std::function<void(std::string error)> on_closed);

  void tick(Instrument instrument, std::string_view line);
  void status(std::string_view line);
  /// To be called when the input runs dry.
  void flush();

  /// Lines that were dropped in favour of a newer one.
  std::uint64_t merged() const noexcept { return held_.merged(); }
  bool idle() const noexcept { return writer_.pending() == 0 && held_.empty(); }

 private:
  bool holding() const noexcept;
  void release();

  loop::LineWriter writer_;
  Conflator held_;
  std::string held_status_;
};

}  // namespace ltp::feed
