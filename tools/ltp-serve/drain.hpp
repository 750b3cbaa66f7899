#pragma once

#include "loop/loop.hpp"
#include "net/server.hpp"
#include "web.hpp"

#include <chrono>
#include <functional>

namespace ltp::serve {

/// The end of a server: its clients are sent away a few at a time, so that they do not all
/// come to the next one in the same moment.
///
/// Pace  kPerMs clients each millisecond, or slower if `over` allows it, so that few clients
///       are no reason to wait.
/// Ends  `done` when the last has gone, or kPatience after all were told; who still waits for an
///       answer gets it, within kAnswerPatience.
class Drain {
 public:
  static constexpr loop::Ms kTurn{20};
  static constexpr loop::Ms kPatience{1500};
  static constexpr loop::Ms kAnswerPatience{5500};  // Redis that hangs is given up by then
  static constexpr double kPerMs = 0.5;

  Drain(loop::Loop& loop, Web& web, const net::Server& server, std::chrono::milliseconds over,
        std::function<void()> done);
  void start();

 private:
  void turn();
  bool may_end() const;

  Web& web_;
  const net::Server& server_;
  const std::chrono::milliseconds over_;
  std::function<void()> done_;
  loop::Timer timer_;
  std::size_t each_turn_ = 1;
  std::int64_t told_all_by_ms_ = 0;
};

}  // namespace ltp::serve
