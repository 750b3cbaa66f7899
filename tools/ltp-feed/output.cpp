#include "output.hpp"

#include <utility>

namespace ltp::feed {

Output::Output(loop::Loop& loop, int fd, std::function<void(std::string)> on_closed)
    : writer_(loop, fd, {[this] { release(); }, std::move(on_closed)}) {}

bool Output::holding() const noexcept {
  return !held_.empty() || (writer_.blocked() && writer_.pending() > kMaxPending);
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

void Output::flush() {
  writer_.flush();
}

void Output::release() {
  if (!held_status_.empty()) writer_.write(std::exchange(held_status_, {}));
  while (!held_.empty() && writer_.pending() <= kMaxPending) writer_.write(held_.pop().text);
  writer_.flush();
}

}  // namespace ltp::feed
