#pragma once

#include "base/clock.hpp"
#include "few.hpp"
#include "filter.hpp"
#include "format.hpp"
#include "latest.hpp"
#include "line_log.hpp"
#include "reader.hpp"
#include "sink.hpp"
#include "tick/line.hpp"
#include "wrap.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::serve {

class Subscription;

/// The latest line of every instrument, and who wants it.
///
/// Versions  Each line that comes in gets the next number. What a subscriber has seen is
///           one number too: a snapshot is "seen: 0", one who fell behind is "seen: a
///           while ago", and neither needs a queue of its own.
/// Readers   Who wants everything, or whole segments, reads the shared log; see Reader.
/// Few       Who wants single instruments has a list of what is due; see Few.
/// Late      What was on its way to Redis when a connection broke is sent anew, and a Redis
///           that was halted may carry out both; its cache holds what the channel brings as
///           well. So a line that says when it was received (recv_us) and is the very one
///           that its instrument has is dropped; and so is one that was received before it,
///           by less than kLate_us, while that came less than kLate_ms ago. After that it
///           is believed: the feed's clock may have been set back. They are counted.
/// Rate      Who asked for at most so many updates a second gets the latest of what moved
///           since its last time.
/// Promise   Whoever takes bytes ends with the latest line of each instrument it wants, and
///           never sees an older one after a newer. Wrap::tells: the lines of instruments
///           it wants that it never gets are counted to it, all of them; unless it changes
///           what it wants while it is behind.
/// Others    Lines that are no ticks go to everyone who wants anything. Who has fallen
///           behind loses those that are no longer among the latest kMaxOthers; the last
///           feed_status comes to each in any case.
/// Cost      A line that nobody wants costs its copy. Nothing here walks all subscribers,
///           except to give each of them something.
/// Pure      No socket and no log in here; the clock of the rates is given.
class Hub {
 public:
  static constexpr std::size_t kMaxOthers = 64;
  static constexpr std::size_t kBreath = 256;     // readers between two breaths
  static constexpr std::int64_t kStale_ms = 500;  // see Reader
  static constexpr std::int64_t kLate_us = 30'000'000;
  static constexpr std::int64_t kLate_ms = 2000;

  /// `clock`: milliseconds that never go back.
  explicit Hub(std::function<std::int64_t()> clock = steady_ms);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// A tick line without its newline, what it says, and when it came, wall clock; 0: that is
  /// not known. False: there are too many instruments already; it is dropped.
  bool tick(const line::TickLine& tick, std::string_view line, std::int64_t at_ms);
  /// Any other line. A feed_status is kept for those who come later.
  void other(std::string_view line, bool is_status);

  /// Gives every subscriber what is due. To be called when the input runs dry, and at
  /// next_due_ms(); large batches are handed on in between by themselves.
  void flush();
  /// The same for one, whose sink takes bytes again, or who has just wanted more.
  void flush(Subscription& subscription);
  /// When flush() is due for the sake of those who have a rate, on the hub's clock.
  std::optional<std::int64_t> next_due_ms() const;
  /// Whether flush() would find lines that it has not handed on.
  bool dirty() const noexcept { return flushed_ != log_.last(); }

  /// What the filter wants is due at once, but nothing of it that had version `since` or
  /// less; an empty filter waits. Nothing is given before flush(). The subscription ends
  /// with the handle, which must go before hub and sink.
  std::unique_ptr<Subscription> subscribe(Sink& sink, const Filter& filter, const Wrap& wrap,
                                          std::uint64_t since = 0);

  struct Price {
    std::string_view text, line;  // valid until the next tick
    std::int64_t at_ms;
    std::optional<std::int64_t> recv_us;
  };
  std::optional<Price> price(Instrument instrument) const;
  /// The latest line; empty: none has come. Valid until the next tick.
  std::string_view line(Instrument instrument) const;
  /// Its version; 0: none.
  std::uint64_t version_of(Instrument instrument) const;
  std::uint64_t version() const noexcept { return log_.last(); }
  std::size_t instruments() const noexcept { return latest_.size(); }
  std::uint64_t late() const noexcept { return late_; }
  /// Every instrument that has a line, and the line.
  void each(const std::function<void(Instrument, std::string_view line)>& visit) const;

  /// Called after each flush(), and now and then in a long one; nobody may subscribe or
  /// change what it wants then, see flushing().
  std::function<void()> on_flushed;
  bool flushing() const noexcept { return flushing_; }
  /// Called when next_due_ms() may have come nearer.
  std::function<void()> on_due;

 private:
  friend class Subscription;
  struct Other {
    std::uint64_t version;
    std::string line;
  };

  void appended(std::size_t bytes);
  void mark(Subscription& subscription);
  void give_when_due(Subscription& subscription);
  bool give(Subscription& subscription);
  bool give_others(Subscription& subscription);
  bool give_status(Subscription& subscription);
  bool write(Subscription& subscription, Parcel& parcel);
  void breathe();
  void grow_stale(std::int64_t now_ms);
  Reader::Stock stock() const noexcept { return {latest_, log_, stale_}; }

  std::function<std::int64_t()> clock_;
  Latest latest_;
  std::uint64_t late_ = 0;
  LineLog log_;
  Formats formats_;
  std::uint64_t flushed_ = 0;  // version that the last flush() saw
  std::uint64_t stale_ = 0;    // version that was the last kStale_ms ago
  std::deque<std::pair<std::int64_t, std::uint64_t>> marks_;  // when which version was the last
  bool flushing_ = false;
  std::size_t unflushed_bytes_ = 0;

  std::deque<Other> others_;
  Other status_{};
  std::string buffer_;

  // Who has to be looked at when; the index of each stands in the subscription.
  std::vector<Subscription*> all_;
  std::vector<Subscription*> readers_;  // of segments, at full rate
  std::vector<Subscription*> marked_;   // something came for them since the last flush()
  std::vector<Subscription*> resting_;  // readers with a rate that have everything
  std::set<std::pair<std::int64_t, Subscription*>> rated_;  // by when they are due
};

/// One subscriber's place in the stream; made by Hub::subscribe().
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Wants more, or less, than before; Hub::flush(*this) gives what is new at once.
  void want(const Filter& more, std::uint64_t since = 0);
  void unwant(const Filter& less);
  const Filter& filter() const noexcept { return filter_; }
  /// Its sink took nothing the last time; something is still due.
  bool blocked() const noexcept { return blocked_; }

  /// At most so often; 0: as it comes. Above 0, at most 1000.
  void max_hz(double hz);

 private:
  friend class Hub;
  using Place = std::uint32_t;  // in a list of the hub
  static constexpr Place kNowhere = UINT32_MAX;

  Subscription(Hub& hub, Sink& sink, Format& format);
  void apply(std::uint64_t since, const Few::Since& since_of);
  void enlist();
  void leave_lists();
  static void join(std::vector<Subscription*>& list, Place Subscription::*index, Subscription& one);
  static void leave(std::vector<Subscription*>& list, Place Subscription::*index,
                    Subscription& one);

  // What each handing on looks at comes first: of thousands none is in the cache.
  Sink& sink_;
  Format& format_;
  Reader reader_;
  std::unique_ptr<Few> few_;       // once it wants single instruments
  std::uint64_t others_seen_ = 0;  // other lines up to this version are out
  std::int64_t every_ms_ = 0;      // 0: no rate
  bool status_due_ = false;
  bool blocked_ = false;  // its sink took nothing; flush(subscription) is to come
  bool counted_ = false;  // as a reader of its format

  Hub& hub_;
  Filter filter_;
  std::int64_t due_ms_ = 0;               // with a rate: not before
  std::optional<std::int64_t> rated_ms_;  // its key in the hub's set, if it is there
  Place in_all_ = kNowhere, in_readers_ = kNowhere, in_marked_ = kNowhere, in_resting_ = kNowhere;
};

}  // namespace ltp::serve
