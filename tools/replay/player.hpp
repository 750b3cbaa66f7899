#pragma once

#include "base/fault.hpp"
#include "dhan/capture.hpp"
#include "loop/alarm.hpp"
#include "loop/line_reader.hpp"
#include "loop/loop.hpp"
#include "replay/pace.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::replay {

/// Plays a recording: hands out what it holds, each thing when it is due.
///
/// Kinds    A capture, ltp-capture(5), or tick lines as ltp-feed writes them; the first
///          line tells. A line without a time is due with the one before it.
/// Lossless While paused nothing is handed out and nothing is read; what has become due
///          by then follows without a wait.
/// Damage   A line that cannot be read is counted and passed over.
class Player {
 public:
  /// Why a recording could not be played to its end.
  struct Trouble {
    Fault fault;       // kBadInput: it is none; kIo: it cannot be read
    std::string text;  // goes on behind the file's name: "is neither …"
  };
  struct Events {
    std::function<void(dhan::Bytes message, std::int64_t recv_us)> on_message;
    /// With its newline, unless it is the last one and has none. Empty: tick lines are
    /// refused.
    std::function<void(std::string_view line, const line::RecordedLine& recorded)> on_line;
    /// All that is due, or that was read at a time, has been handed out: flush.
    std::function<void()> on_dry;
    /// Nothing comes any more. Comes once, unless stop() is called before.
    std::function<void(const std::optional<Trouble>& trouble)> on_end;
  };

  /// The descriptor is not closed here. Nothing happens before the loop runs.
  Player(loop::Loop& loop, int fd, Speed speed, Events events);

  /// At the start: only finds out whether it is a recording, until resume().
  void hold() noexcept { paused_ = true; }

  /// Both may be called from the callbacks; pause() takes effect after the present thing.
  void pause();
  void resume();
  void stop();

  std::uint64_t played() const noexcept { return played_; }
  std::uint64_t damaged() const noexcept { return damaged_; }

 private:
  enum class Kind : std::uint8_t { kUnknown, kCapture, kTickLines };
  struct Next {
    std::optional<std::int64_t> recv_us;
    dhan::Bytes message{};    // of a capture
    std::string_view line{};  // of tick lines
    line::RecordedLine recorded{};
    Pace::Moment due{};  // at once, if there is nothing to wait for
    bool told = false;   // that there is a long wait before it
  };

  void on_lines(std::string_view block, bool fragment);
  void on_input_end(const std::string& error);
  std::string_view join(std::string_view piece);
  void play();
  bool is_due(const Next& next);
  void sleep_until_due(Next& next);
  void hand_out(const Next& next);
  std::optional<Next> take_next();
  std::optional<Next> read_capture_line(std::string_view line);
  std::optional<Next> read_tick_line(std::string_view line);
  bool recognize(std::string_view line);  // the first one
  void end(std::optional<Trouble> trouble);

  Events events_;
  Speed speed_;
  Pace pace_;
  Pace::Moment now_{};
  Kind kind_ = Kind::kUnknown;
  dhan::capture::Reader capture_;
  line::Reader lines_;
  std::string_view rest_;     // of the block that is being played
  std::optional<Next> next_;  // is not due yet
  std::string long_line_;     // the pieces so far of a line of more than a block
  bool too_long_ = false;
  bool paused_ = false;
  bool ended_ = false;
  std::uint64_t played_ = 0;
  std::uint64_t damaged_ = 0;
  loop::Alarm alarm_;
  loop::LineReader reader_;
};

}  // namespace ltp::replay
