#pragma once

#include "filter/filter.hpp"
#include "filter/tally.hpp"
#include "loop/loop.hpp"
#include "redis/address.hpp"
#include "redis/client.hpp"
#include "tick/conflator.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ltp::filter {

/// What goes to Redis, and what becomes of it while Redis is away or slow.
///
/// Away    The latest item per instrument is held and sent on return. One that was sent
///         and not answered when the connection broke counts as held, so Redis may get
///         it twice, but never an older one after a newer.
/// Slow    At most kMaxCommands, or kMaxBytes of them, are unanswered; beyond that items
///         are held likewise and follow as answers come. Those that a newer one of the
///         same instrument replaces are counted.
/// Refused What Redis answers with an error is counted and not sent again: the
///         instrument's next tick is.
/// Tells   Redis away: once, again if the reason changes or a minute has gone. Back:
///         once. Counts: every 10 s at most.
class Outbox {
 public:
  static constexpr std::size_t kMaxCommands = 100'000;
  static constexpr std::size_t kMaxBytes = 8 << 20;

  /// How a person is told: {"ltp-cache", "price", "stored"}.
  struct Words {
    const char* tool;  // the connection's name in Redis too
    const char* item;
    const char* done;
  };
  struct Events {
    std::function<void()> on_known;     // Redis is up or away: the first answer to that
    std::function<void()> on_answered;  // answered() has grown
  };

  Outbox(loop::Loop& loop, const redis::Address& address, Words words, Filter& filter,
         Events events);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void start() { client_.start(); }

  /// What Redis is to have as the latest of the instrument.
  void put(Instrument instrument, std::string_view text);
  /// The feed's latest word; goes before what is held of the instruments.
  void put_status(std::string_view text);
  /// Now or never: true if it was sent.
  enum class Loss { kSilent, kCounted };
  bool offer(Command command, Loss loss);

  void flush() { client_.flush(); }

  /// Commands sent so far, and how many of them were answered or lost.
  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t answered() const noexcept { return sent_ - in_flight_.size(); }

  /// Nothing is held and nothing is unanswered.
  bool idle() const noexcept;

  /// Hangs up, and tells of how many items Redis lacks the latest, and why. 0: none.
  std::size_t give_up();

 private:
  struct InFlight {
    std::optional<Instrument> instrument;
    bool once;  // was offered; neither a tick nor a status
    Loss loss;
    std::size_t bytes;
    std::string text;
    std::int64_t put_ms;
  };

  bool has_room() const noexcept;
  void hold(Instrument instrument, std::string_view text);
  void send_held();
  void send_item(std::optional<Instrument> instrument, std::string_view text, std::int64_t put_ms);
  void send(Command command, InFlight entry);

  void on_up();
  void on_down(const std::string& reason);
  void on_reply(const redis::Reply* reply);
  void on_refused(const InFlight& entry, std::string_view error);
  void hold_returned();
  void know();
  std::string why_lacking() const;

  std::string redis_;  // "Redis at localhost:6379/0"
  Words words_;
  Filter& filter_;
  Events events_;

  std::uint64_t sent_ = 0;
  std::deque<InFlight> in_flight_;
  std::size_t in_flight_bytes_ = 0;

  Conflator held_;
  std::string held_status_;
  std::int64_t held_status_ms_ = 0;
  std::vector<InFlight> returned_;          // unanswered when the connection broke
  std::unordered_set<Instrument> refused_;  // whose latest Redis did not take

  bool known_ = false;
  std::string away_reason_;  // empty: not away
  std::string told_reason_;
  std::int64_t told_ms_ = 0;
  bool told_away_ = false;  // and not yet that it is back
  std::string refusal_;     // Redis's words, the latest
  Tally refusals_;
  Tally overtaken_;
  Tally dropped_;
  redis::Client client_;
};

}  // namespace ltp::filter
