#pragma once

#include "filter/filter.hpp"
#include "filter/gate.hpp"
#include "filter/outbox.hpp"
#include "filter/tally.hpp"
#include "loop/line_reader.hpp"
#include "loop/line_writer.hpp"
#include "loop/loop.hpp"
#include "tick/line.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::filter {

/// Standard input to standard output, byte for byte and in order, showing each line to
/// the filter on the way.
///
/// Gate    A block of lines goes on when Redis has answered its commands, at most
///         kPatience later (see Gate). On a local Redis that is some 0.1 ms.
/// Slow    A reader that takes nothing, or much behind the gate, pause the reading: the pipe
///         behind us fills, and nothing here grows. Where prices merge, kMuchHeld lets them;
///         else kLittleHeld is what Redis needs to have work while we read and parse.
/// No good A line that is no JSON object, or longer than 1 MiB, or a tick without a usable
///         key or price, is passed on and counted. If that is not good enough, it and what
///         follows is not passed on, and on_bad_line comes.
/// Nowhere Without an output all is the same, but that nothing is written.
class Pump {
 public:
  static constexpr loop::Ms kPatience{100};
  static constexpr std::size_t kMuchHeld = 4 << 20;
  static constexpr std::size_t kLittleHeld = 512 << 10;
  static constexpr std::size_t kMaxUnwritten = 1 << 20;

  struct Ends {
    int in_fd;
    std::optional<int> out_fd;
    bool strict;
    bool merges;  // as the outbox does
  };
  struct Events {
    std::function<void(std::string error)> on_input_end;      // as LineReader's on_end
    std::function<void(std::string error)> on_output_closed;  // as LineWriter's on_closed
    std::function<void(std::string what)> on_bad_line;        // "line 7 is not JSON: ..."
    std::function<void()> on_progress;                        // idle() may have become true
  };

  Pump(loop::Loop& loop, Ends ends, Filter& filter, Outbox& outbox, Events events);
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// Reading begins when Redis is known to be up or away, or after kPatience.
  void start_reading();
  /// No line is read any more; what was read still goes on.
  void stop_reading();

  /// What the outbox has settled has changed.
  void settled();

  /// All that was read has been taken by standard output, or nobody will.
  bool idle() const noexcept {
    return unwritten() == 0 && (told_closed_ || !writer_ || !writer_->closed());
  }
  std::size_t unwritten() const noexcept;

 private:
  /// What keeps a line from being one that the pipe is for.
  enum class Fault { kNone, kNotJson, kBrokenTick, kLong };

  void on_lines(std::string_view block, bool fragment);
  std::size_t show_lines(std::string_view block);
  Fault show(std::string_view line);
  void count(Fault fault);
  void give_up_at(Fault fault, std::string_view line);
  void pass_on();
  void watch_the_time();
  void regulate();

  bool strict_;
  std::size_t max_held_;
  Filter& filter_;
  Outbox& outbox_;
  Events events_;
  line::Reader parser_;
  Gate gate_{kPatience.count()};
  loop::Timer start_timer_;
  loop::Timer gate_timer_;
  Tally junk_;
  Tally broken_;
  Tally long_;
  std::uint64_t lines_ = 0;
  std::int64_t now_ms_ = 0;  // when the block came
  std::optional<loop::LineWriter> writer_;
  loop::LineReader reader_;
  bool in_long_ = false;      // a line that is too long, and has not ended
  bool told_closed_ = false;  // why the output is closed, to the owner
  bool started_ = false;
  bool stopped_ = false;
  bool paused_ = true;
};

}  // namespace ltp::filter
