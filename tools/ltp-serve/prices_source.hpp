#pragma once

#include "health.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "prices_api.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ltp::quotes {
class Quotes;
}

namespace ltp::serve {

class RedisIntake;

/// Where the answers of the HTTP endpoints come from.
class PricesSource {
 public:
  virtual ~PricesSource() = default;

  /// How much of each price.
  enum class Detail { kNo, kYes };

  struct Found {
    std::vector<prices_api::Price> prices;  // one for each key
    std::string fault;                      // not empty: where they lie cannot be asked now
  };
  /// `done` is called once, now or later.
  using Keys = std::shared_ptr<const std::vector<prices_api::Key>>;
  virtual void prices(const Keys& keys, Detail detail, std::function<void(Found found)> done) = 0;

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
  void prices(const Keys& keys, Detail detail, std::function<void(Found)> done) override;
  void heartbeat(std::function<void(Heartbeat)> done) override;

  /// One for each key, none for what is not known, too old, or from before `since_ms`.
  std::vector<prices_api::Price> known(std::span<const prices_api::Key> keys, Detail detail,
                                       std::int64_t since_ms = 0) const;

 private:
  const Hub& hub_;
  const Intake& intake_;
};

/// Answers from memory with ticks after which none can have been missed, and for the rest
/// from Redis, with one MGET. While Redis is away, from memory with any.
class RedisSource : public PricesSource {
 public:
  RedisSource(RedisIntake& redis, MemorySource& memory) : redis_(redis), memory_(memory) {}
  void prices(const Keys& keys, Detail detail, std::function<void(Found)> done) override;
  void heartbeat(std::function<void(Heartbeat)> done) override;

 private:
  Found from_memory(std::span<const prices_api::Key> keys, Detail detail,
                    std::string fault) const;

  RedisIntake& redis_;
  MemorySource& memory_;
};

/// Asks the broker for what another source does not have.
class BrokerSource : public PricesSource {
 public:
  /// `quotes` may be null: then nothing is asked, and the first time that something should
  /// have been, `why_not` is told, unless it is empty.
  BrokerSource(PricesSource& first, quotes::Quotes* quotes, std::string why_not)
      : first_(first), quotes_(quotes), why_not_(std::move(why_not)) {}
  void prices(const Keys& keys, Detail detail, std::function<void(Found)> done) override;
  void heartbeat(std::function<void(Heartbeat)> done) override { first_.heartbeat(done); }

 private:
  void add_missing(std::span<const prices_api::Key> keys, Found found,
                   const std::function<void(Found)>& done);

  PricesSource& first_;
  quotes::Quotes* quotes_;
  std::string why_not_;
};

}  // namespace ltp::serve
