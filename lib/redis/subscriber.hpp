#pragma once

#include "loop/loop.hpp"
#include "redis/address.hpp"
#include "redis/limits.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::redis {

/// Hears one Pub/Sub channel over a connection of its own that comes back by itself
/// (as Client does).
///
/// Up      on_up comes when Redis has confirmed the subscription, each time anew:
///         what was published before is lost, so an owner with a table refills it then.
/// Master  By sentinels it is heard at the master, and on a move at the new one.
/// Alive   5 s without a byte bring a PING, 5 s more mean a dead connection.
class Subscriber {
 public:
  struct Events {
    std::function<void()> on_up;
    std::function<void(std::string_view payload)> on_message;
    /// All messages that came in one read have been handed over: the moment to flush.
    std::function<void()> on_dry;
    std::function<void(const std::string& reason, loop::Ms retry_in)> on_down;
  };

  Subscriber(loop::Loop& loop, Address address, std::string client_name, std::string channel,
             Events events, const Limits& limits = {});
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  void start();
  void stop();
  bool up() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::redis
