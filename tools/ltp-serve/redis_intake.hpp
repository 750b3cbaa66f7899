#pragma once

#include "cache_fill.hpp"
#include "fanout.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "loop/loop.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ltp::serve {

/// Ticks from the Redis channel, and a second connection for questions: those of the HTTP
/// endpoints, and for the prices that were missed while the channel was not heard.
class RedisIntake {
 public:
  RedisIntake(loop::Loop& loop, const redis::Address& address, Hub& hub, Intake& intake,
              Fanout& fanout);

  redis::Client& client() noexcept { return client_; }
  /// Since when no tick can have been missed, milliseconds since 1970; none while the
  /// subscription is away.
  std::optional<std::int64_t> hearing_since_ms() const noexcept { return hearing_since_ms_; }

 private:
  /// Tells that something is away when it goes and when it is back, not at every try.
  class Outage {
   public:
    Outage(std::string what, std::string label);
    void down(const std::string& reason);
    void up();

   private:
    std::string what_, label_, told_;
  };

  void on_asking_up();
  void on_hearing_up();
  void on_hearing_down(const std::string& reason);
  void on_filled(std::optional<std::int64_t> heartbeat_us);
  void tell();

  Intake& intake_;
  Fanout& fanout_;
  Outage asking_, hearing_;
  std::optional<std::int64_t> hearing_since_ms_;
  bool is_filled_ = false;
  redis::Client client_;
  redis::Subscriber subscriber_;
  CacheFill fill_;
};

}  // namespace ltp::serve
