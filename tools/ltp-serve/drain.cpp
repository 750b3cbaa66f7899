#include "drain.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ltp::serve {

Drain::Drain(loop::Loop& loop, Web& web, const net::Server& server, std::chrono::milliseconds over,
             std::function<void()> done)
    : web_(web), server_(server), over_(over), done_(std::move(done)), timer_(loop, [this] {
        turn();
      }) {}

void Drain::start() {
  const auto clients = static_cast<double>(web_.clients());
  const auto over_ms = std::min(clients / kPerMs, static_cast<double>(over_.count()));
  const auto turns = std::max(1.0, over_ms / static_cast<double>(kTurn.count()));
  each_turn_ = static_cast<std::size_t>(std::ceil(clients / turns));
  told_all_by_ms_ = steady_ms() + static_cast<std::int64_t>(over_ms);
  timer_.start(loop::Ms{0}, kTurn);
}

void Drain::turn() {
  if (may_end()) {
    timer_.stop();
    return done_();
  }
  web_.go_away(each_turn_);
}

bool Drain::may_end() const {
  const auto since_told_ms = steady_ms() - told_all_by_ms_;
  const bool clients = web_.clients() > 0 && since_told_ms <= kPatience.count();
  return !clients && (since_told_ms > kAnswerPatience.count() || server_.unanswered() == 0);
}

}  // namespace ltp::serve
