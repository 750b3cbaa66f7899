#include "stdin_intake.hpp"

#include "base/clock.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace ltp::serve {

StdinIntake::StdinIntake(loop::Loop& loop, Fanout& fanout, Intake& intake,
                         std::function<void(std::string error)> on_end)
    : intake_(intake),
      reader_(loop, STDIN_FILENO,
              {[this](std::string_view block, bool fragment) { take(block, fragment); },
               [&fanout] { fanout.dry(); }, std::move(on_end)}) {}

void StdinIntake::take(std::string_view block, bool fragment) {
  if (fragment) {
    too_long_ += block.ends_with('\n');
    return;
  }
  const auto now_us = wall_us();
  while (!block.empty()) {
    const auto end = std::min(block.find('\n'), block.size() - 1) + 1;
    intake_.line(block.substr(0, end), now_us);
    block.remove_prefix(end);
  }
}

}  // namespace ltp::serve
