#pragma once

#include "loop/loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::redis {
class Client;
struct Reply;
}  // namespace ltp::redis

namespace ltp::quotes {

/// Whose turn it is to ask the broker for quotes: one request in kEvery over all processes
/// of an account.
///
/// Shared   The turn is a key in Redis that is set only if it is not there and goes by
///          itself. Its name holds a hash of the client id. Where Redis is away, the turns
///          are those of this process alone, and so they are for kUnshared after an error.
/// Fair     A turn that is over is not asked for at once: a moment passes, the shorter the
///          more turns have gone to others meanwhile. So who had one lets the others go first,
///          and a short-lived program gets its own beside servers that ask without end.
/// Arrival  The broker counts when a request arrives, we know when it was sent and
///          answered; after a slow answer the turn is held until kEveryArrival after it. A turn
///          of which we hear late is held anew from then, or taken again.
/// 429      Holds everybody back, 2 s at first, then doubling to 60 s until one is let
///          through.
class Slot {
 public:
  static constexpr loop::Ms kEvery{1050};
  static constexpr loop::Ms kEveryArrival{1000};
  static constexpr loop::Ms kYield{80};  // by who had the last turn
  static constexpr loop::Ms kUnshared{10'000};

  /// `redis` may be null; it has to outlive this.
  Slot(redis::Client* redis, std::string_view client_id);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  /// `answer` gets 0 if the turn is ours now, else how long to wait before trying again. It
  /// comes once, perhaps from inside take(). A wait above kEvery + kYield is one that the
  /// broker's 429 has made.
  void take(std::function<void(loop::Ms wait)> answer);

  /// A request was answered, well or badly, so long after it was sent.
  void answered(loop::Ms after);
  /// …by 429.
  void refused();
  /// …by quotes.
  void worked();

  /// How long we ourselves do not ask.
  loop::Ms held() const noexcept;

  /// Why Redis does not let turns be shared, in its own words; empty: it does.
  const std::string& fault() const noexcept { return fault_; }

 private:
  void hold(loop::Ms time);
  bool shared() const;
  void heard(const redis::Reply& reply);
  loop::Ms yield() const noexcept;

  redis::Client* redis_;
  const std::string key_, refusals_key_;
  std::int64_t free_ms_ = 0;  // on the steady clock: we do not ask before
  unsigned lost_ = 0;         // turns that went to others since our own
  unsigned refusals_ = 0;     // in a row, as far as we know
  std::string fault_;
  std::int64_t unshared_until_ms_ = 0;  // if there is one
  std::shared_ptr<const int> alive_;    // as long as we are: answers of Redis may come later
};

}  // namespace ltp::quotes
