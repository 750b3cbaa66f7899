#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

/// One thread, one loop: everything a tool does happens in callbacks from run().
///
/// Threads   None but the one that made the Loop may touch anything of this room.
/// Lifetime  Everything made on a Loop must go before it. Destroying a handle inside
///           one of its own callbacks is allowed.
/// Source    A thin face on libuv, the only room that knows it.
namespace ltp::loop {

using Ms = std::chrono::milliseconds;

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(), or until nothing is left that could happen.
  void run();
  void stop();

  /// Calls `task` once, soon, from run(), never from inside defer(). Tasks keep order.
  void defer(std::function<void()> task);

  /// The libuv loop, for libraries that run on one (lib/net). uv_loop_t*.
  void* native() noexcept;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Calls back once after `first`, then each `repeat` if that is not zero.
/// Starting a running timer starts it anew. A running timer keeps run() going.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_fire);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(Ms first, Ms repeat = Ms{0});
  void stop();
  bool running() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Calls back before each time the loop goes to sleep, and so keeps run() from being
/// surprised by work that a foreign library has left pending. Does not keep run() going.
class BeforeSleep {
 public:
  BeforeSleep(Loop& loop, std::function<void()> on_prepare);
  ~BeforeSleep();
  BeforeSleep(const BeforeSleep&) = delete;
  BeforeSleep& operator=(const BeforeSleep&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Hears signals on the loop. Does not keep run() going.
class Signals {
 public:
  Signals(Loop& loop, std::initializer_list<int> numbers, std::function<void(int)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ltp::loop
