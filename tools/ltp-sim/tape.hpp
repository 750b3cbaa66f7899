#pragma once

#include "base/unique_fd.hpp"
#include "cli/exit_code.hpp"
#include "loop/loop.hpp"
#include "replay/player.hpp"
#include "simulator.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ltp::sim {

/// A capture in the place of trades.
///
/// Begin  kSettle after the first subscription: a client that wants many instruments asks
///        for them in several messages.
/// Speed  Without waiting means as fast as the slowest client reads. At any other speed
///        nobody is waited for; what is too much for a line is lost, see Wire.
/// End    Said once. Nothing comes any more, and the connections stay.
class Tape {
 public:
  static constexpr loop::Ms kSettle{500};

  /// `on_failed`: the file is no capture, or cannot be read to its end, which has been
  /// said. Throws StartError if it cannot be opened.
  Tape(loop::Loop& loop, const std::string& file, replay::Speed speed, Simulator& simulator,
       std::function<void(cli::ExitCode)> on_failed);

 private:
  void on_message(dhan::Bytes message);
  void on_end(const std::optional<replay::Player::Trouble>& trouble);
  void go_on();

  Simulator& simulator_;
  replay::Speed speed_;
  std::function<void(cli::ExitCode)> on_failed_;
  std::string name_;
  UniqueFd file_;
  replay::Player player_;
  bool begun_ = false;
  loop::Timer turn_;
};

}  // namespace ltp::sim
