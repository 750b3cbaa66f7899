#pragma once

#include "filter/board.hpp"
#include "filter/commands.hpp"
#include "filter/plan.hpp"
#include "filter/tally.hpp"
#include "loop/loop.hpp"
#include "redis/client.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace ltp::filter {

/// What goes to Redis, and what becomes of it while Redis is away, slow or unwilling.
///
/// Batch    If nothing is published, only the latest price per instrument of what is put
///          between batch_begins() and batch_ends() is sent. What is published is sent line
///          by line as long as there is room.
/// Away     The latest item per instrument is held and sent on return. One that was sent
///          and not answered when the connection broke counts as held, so Redis may get it
///          twice. It is sent once more kAgain later: a Redis that was halted may still find
///          the broken connection's commands and carry them out late.
/// Slow     Only so much is unanswered; beyond that items are held likewise and follow as
///          answers come. Those that a newer one of the same instrument replaces are
///          counted. What is merely stored has little room, kFewCommands or as many as
///          wait: enough to keep Redis busy, and what waits is merged. What is published
///          has much.
/// Refused  What Redis answers with an error is counted, and each command by itself: a
///          SETEX that is refused keeps no PUBLISH back. Refusals that pass (out of memory,
///          snapshots fail, replicas are missing) are tried again each kAgain with what is
///          the latest then; others with the instrument's next tick.
/// Others   Lines that are no tick are nobody's latest: what Redis does not get of them is
///          counted, not held, and told of in the end if it has not been there since.
/// Tells    Redis away: once, again if the reason changes or a minute has gone. Back:
///          once. Counts: every 10 s at most.
class Outbox {
 public:
  static constexpr std::size_t kFewCommands = 1024;
  static constexpr std::size_t kMaxBytes = 32 << 20;
  static constexpr loop::Ms kAgain{1000};

  /// How a person is told: {"ltp-cache", "price", "stored"}.
  struct Words {
    const char* tool;  // the connection's name in Redis too
    const char* item;
    const char* done;
  };
  struct Events {
    std::function<void()> on_known;    // Redis is up or away: the first answer to that
    std::function<void()> on_settled;  // settled() has changed; once per turn of the loop
  };

  Outbox(loop::Loop& loop, const Plan& plan, Words words, Events events);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void start() { client_.start(); }

  void batch_begins(std::int64_t now_ms) noexcept { now_ms_ = now_ms; }
  void batch_ends() { send_waiting(); }

  /// What Redis is to have as the latest of the instrument.
  void put(Instrument instrument, std::string_view price, std::string_view line);
  /// The feed's latest word.
  void put_status(std::string_view line);
  /// Another line: now, or dropped and counted.
  void publish_once(std::string_view line);
  /// The feed's heartbeat: now, or not at all. True if it was sent.
  bool beat();

  void flush() { client_.flush(); }

  /// Items are counted from 1 as they are put; those that replace an older one in its
  /// place, and lines that make none, do not count. settled() of them were answered, were
  /// given up or need not be waited for, since Redis is away.
  std::uint64_t given() const noexcept { return given_; }
  std::uint64_t settled() const noexcept {
    return client_.up() ? given_ - board_.waiting() - items_in_flight_ : given_;
  }

  /// Nothing is held and nothing is unanswered.
  bool idle() const noexcept { return in_flight_.empty() && board_.waiting() == 0; }

  /// Hangs up, and tells of how many instruments Redis lacks the latest, how many lines of
  /// other types it did not get since it was last there, and why. True: none.
  bool give_up();

 private:
  static constexpr Board::Index kOnce = UINT32_MAX;

  /// One command that was sent. Many stand here: they are kept small.
  struct InFlight {
    Board::Index slot;  // kOnce: of no instrument
    std::uint32_t bytes;
    Parts part;  // of kOnce: kPublish is counted when lost, a heartbeat is not
    bool ends_item;
  };

  bool has_room() const noexcept;
  void send_waiting();
  void send(Board::Index index);
  void send(Command command, Board::Index index, Parts part, bool ends_item);
  void replaced(std::optional<std::int64_t> since_ms);

  void on_up();
  void on_down(const std::string& reason);
  void on_reply(const redis::Reply* reply);
  void on_lost(const InFlight& entry);
  void on_refused(const InFlight& entry, std::string_view error);
  void send_again();
  void after_answers();
  void know();
  std::string why_lacking() const;

  std::string redis_;  // "Redis at localhost:6379/0"
  Words words_;
  Commands commands_;
  Events events_;

  Board board_;
  std::deque<InFlight> in_flight_;
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t given_ = 0;
  std::uint64_t items_in_flight_ = 0;
  std::int64_t now_ms_ = 0;
  std::uint64_t replaced_while_away_ = 0;
  std::size_t others_lacking_ = 0;  // since Redis came back, or took one
  bool answers_came_ = false;

  bool known_ = false;
  std::string away_reason_;  // empty: not away
  std::string told_reason_;
  std::int64_t told_ms_ = 0;
  bool told_away_ = false;  // and not yet that it is back
  std::string refusal_;     // Redis's words, the latest
  Tally refusals_;
  Tally overtaken_;
  Tally dropped_;
  loop::Timer again_;
  loop::BeforeSleep before_sleep_;
  redis::Client client_;
};

}  // namespace ltp::filter
