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
/// Slow      While the reader takes nothing, kMaxPending bytes wait as they are; beyond
///           that the latest line per instrument is held and older ones are dropped and
///           counted. When the reader comes back it gets what waited, then the held.
/// Status    Of status lines only the latest is held, and goes out before the ticks, as do
///           gap lines, of which kMaxGaps bytes are held.
/// Lossless  Nothing is dropped; on_pressure() tells when the source has to stop instead.
class Output {
 public:
  static constexpr std::size_t kMaxPending = 64 << 10;
  static constexpr std::size_t kMaxGaps = 16 << 10;
  enum class Policy { kLatest, kLossless };

  /// `on_closed`: the reader left (error empty) or the write failed.
  Output(loop::Loop& loop, int fd, Policy policy, std::function<void(std::string error)> on_closed);

  /// A line of `instrument`, with its newline; likewise below.
  void tick(Instrument instrument, std::string_view line);
  void status(std::string_view line);
  void gap(std::string_view line);
  /// To be called when the input runs dry.
  void flush();

  /// kLossless only: true when too much waits, false when all of it has been taken. Never
  /// from inside tick(), status() or gap().
  void on_pressure(std::function<void(bool high)> handler) { on_pressure_ = std::move(handler); }
  bool under_pressure() const noexcept { return under_pressure_; }
  /// Once, as soon as nothing waits any more; at once if that is so now.
  void when_idle(std::function<void()> done);

  /// Lines that were dropped in favour of a newer one.
  std::uint64_t merged() const noexcept { return held_.merged(); }
  bool idle() const noexcept { return writer_.pending() == 0 && held_.empty(); }

 private:
  bool holding() const noexcept;
  void release();

  loop::LineWriter writer_;
  Policy policy_;
  std::function<void(bool)> on_pressure_;
  std::function<void()> on_idle_;
  bool under_pressure_ = false;
  Conflator held_;
  std::string held_status_;
  std::string held_gaps_;
};

}  // namespace ltp::feed
