#pragma once

#include "health.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "prices_api.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ltp::redis {
class Client;
}

namespace ltp::serve {

/// Where the answers of the HTTP endpoints come from: Redis, or this process's memory.
class PricesSource {
 public:
  virtual ~PricesSource() = default;

  /// One text per key, empty for none; or no vector at all: cannot be found out now.
  /// `done` is called once, now or later.
  using Prices = std::optional<std::vector<std::string>>;
  virtual void prices(std::span<const prices_api::Key> keys,
                      std::function<void(Prices prices)> done) = 0;

  /// The time of the feed's last heartbeat, none if there is none; or an error.
  struct Heartbeat {
    std::optional<std::int64_t> at_us;
    std::string error;  // not empty: it could not be found out
    std::string_view source;
  };
  virtual void heartbeat(std::function<void(Heartbeat heartbeat)> done) = 0;
};

/// Answers from the ticks that came by. A price counts for as long as it would in Redis.
class MemorySource : public PricesSource {
 public:
  MemorySource(const Hub& hub, const Intake& intake) : hub_(hub), intake_(intake) {}
  void prices(std::span<const prices_api::Key> keys, std::function<void(Prices)> done) override;
  void heartbeat(std::function<void(Heartbeat)> done) override;

  /// One text per key, empty for what is not known or too old.
  std::vector<std::string> known(std::span<const prices_api::Key> keys) const;

 private:
  const Hub& hub_;
  const Intake& intake_;
};

/// Answers from Redis with one MGET; from memory, if that knows any of the keys, while
/// Redis is away.
class RedisSource : public PricesSource {
 public:
  RedisSource(redis::Client& client, MemorySource& memory) : client_(client), memory_(memory) {}
  void prices(std::span<const prices_api::Key> keys, std::function<void(Prices)> done) override;
  void heartbeat(std::function<void(Heartbeat)> done) override;

 private:
  void from_memory(std::span<const prices_api::Key> keys, const std::function<void(Prices)>& done);

  redis::Client& client_;
  MemorySource& memory_;
};

}  // namespace ltp::serve
