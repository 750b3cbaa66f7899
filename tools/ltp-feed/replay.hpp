#pragma once

#include "base/unique_fd.hpp"
#include "cli/exit_code.hpp"
#include "intake.hpp"
#include "loop/loop.hpp"
#include "output.hpp"
#include "replay/pace.hpp"
#include "replay/player.hpp"
#include "watch_list.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::feed {

/// A recording in the place of the broker: through the same Intake to the same Output.
///
/// Which     All instruments of the recording, or those of the watch list if it has any.
/// Times     recv_us is now: what stands behind us measures its latency and the age of a
///           price from it. timestamp, and all else, is as it was recorded.
/// Lossless  The Output must be so; a slow reader makes the replay late, not thin.
/// Status    Of a capture, as of a live feed: on each change and every 10 s. A file of
///           tick lines has its own.
class Replay {
 public:
  struct Settings {
    std::string file;  // "-" is standard input
    replay::Speed speed;
    std::uint64_t count = 0;  // ticks to end after; 0: no end
    bool tell_status = true;
  };
  /// Comes once, from the loop: all that was to be replayed is in the Output. `text` is
  /// for people, empty if nothing is wrong.
  using OnEnd = std::function<void(cli::ExitCode status, const std::string& text)>;

  /// Throws StartError if the file cannot be opened.
  Replay(loop::Loop& loop, Settings settings, const WatchList& watch, Output& output, OnEnd on_end);

  /// Nothing is played any more; on_end does not come.
  void stop();

  std::uint64_t ticks() const noexcept { return ticks_; }

 private:
  void on_message(dhan::Bytes message, std::int64_t recv_us);
  void on_line(std::string_view line, const line::RecordedLine& recorded);
  bool is_wanted(Instrument instrument) const;
  void gathered(std::size_t bytes);
  void flush();
  void on_player_end(const std::optional<replay::Player::Trouble>& trouble);
  void close(std::string_view reason);
  void set_state(std::string_view state, std::string_view reason, std::optional<int> code);
  void write_status(std::optional<Segment> market = std::nullopt);

  Settings settings_;
  const WatchList& watch_;
  Output& output_;
  OnEnd on_end_;
  Intake intake_;
  std::string name_;  // of the file, for people
  UniqueFd file_;
  replay::Player player_;
  loop::Timer pulse_;
  std::uint64_t ticks_ = 0;
  std::size_t gathered_ = 0;  // bytes of lines since the last flush, about
  std::string_view state_;    // of a capture; empty before its first message
  std::string reason_;
  std::optional<int> code_;
  std::optional<std::int64_t> last_message_us_, last_tick_us_;
  std::string line_;  // scratch, kept for its memory
};

}  // namespace ltp::feed
