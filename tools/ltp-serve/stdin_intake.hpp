#pragma once

#include "fanout.hpp"
#include "intake.hpp"
#include "loop/line_reader.hpp"
#include "loop/loop.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// Ticks from standard input.
class StdinIntake {
 public:
  /// `on_end` comes once, with a reason if reading failed, else empty.
  StdinIntake(loop::Loop& loop, Fanout& fanout, Intake& intake,
              std::function<void(std::string error)> on_end);

  /// Lines that nobody looked at.
  std::uint64_t too_long() const noexcept { return too_long_; }

 private:
  void take(std::string_view block, bool fragment);

  Intake& intake_;
  std::uint64_t too_long_ = 0;
  loop::LineReader reader_;
};

}  // namespace ltp::serve
