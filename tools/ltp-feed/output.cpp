#include "output.hpp"

#include <utility>

namespace ltp::feed {

Output::Output(loop::Loop& loop, int fd, Policy policy, std::function<void(std::string)> on_closed)
    : writer_(loop, fd, {[this] { release(); }, std::move(on_closed)}), policy_(policy) {}

bool Output::holding() const noexcept {
  return policy_ == Policy::kLatest &&
         (!held_.empty() || (writer_.blocked() && writer_.pending() > kMaxPending));
}

void Output::tick(Instrument instrument, std::string_view line) {
  if (holding()) {
    held_.put(instrument, line);
  } else {
    writer_.write(line);
  }
}

void Output::status(std::string_view line) {
  if (holding()) {
    held_status_ = line;
  } else {
    writer_.write(line);
  }
}

void Output::gap(std::string_view line) {
  if (!holding()) {
    writer_.write(line);
  } else if (held_gaps_.size() + line.size() <= kMaxGaps) {
    held_gaps_.append(line);
  }
}

void Output::flush() {
  writer_.flush();
  if (policy_ == Policy::kLossless && !under_pressure_ && writer_.blocked() &&
      writer_.pending() > kMaxPending) {
    under_pressure_ = true;
    if (on_pressure_) on_pressure_(true);
  }
}

void Output::when_idle(std::function<void()> done) {
  if (writer_.closed()) return;  // why, is yet to be told
  if (idle()) return done();
  on_idle_ = std::move(done);
}

void Output::release() {
  if (!held_gaps_.empty()) writer_.write(std::exchange(held_gaps_, {}));
  if (!held_status_.empty()) writer_.write(std::exchange(held_status_, {}));
  do {
    while (!held_.empty() && writer_.pending() <= kMaxPending) writer_.write(held_.pop().text);
    writer_.flush();
  } while (!held_.empty() && !writer_.blocked());
  if (writer_.blocked()) return;
  if (std::exchange(under_pressure_, false) && on_pressure_) on_pressure_(false);
  if (idle() && on_idle_) std::exchange(on_idle_, nullptr)();
}

}  // namespace ltp::feed
