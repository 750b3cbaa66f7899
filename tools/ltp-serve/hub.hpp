#pragma once

#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp::serve {

/// What a subscriber wants: everything, whole segments, single instruments.
struct Filter {
  bool all = false;
  std::vector<Segment> segments;
  std::vector<Instrument> instruments;

  bool wants(Instrument instrument) const noexcept;
};

/// Where a subscriber's frames go. The hub gives whole frames, many at once.
class Sink {
 public:
  virtual ~Sink() = default;
  /// False: it takes nothing now; the owner calls Hub::flush(subscription) when it does.
  virtual bool write(std::string_view frames) = 0;
};

class Subscription;

/// The latest line of every instrument, and who wants it.
///
/// Versions  Each line that comes in gets the next number. What a subscriber has seen
///           is one number too: so a snapshot is "seen: 0", one who fell behind is "seen:
///           a while ago", and neither needs a queue of its own.
/// Keep up   Who wants everything reads the shared log of frames by version. Beyond
///           kMaxBehind bytes, or behind the log's start, it gets the latest line of each
///           instrument instead, in the order of their versions: nothing repeats, nothing
///           steps back, the newest always comes.
/// Few       Who wants few has a list of those that are due, and while it keeps up gets
///           every line of them; the frame of a line is made once per Format all the same.
/// Others    Lines that are no ticks go to everyone. Who has fallen behind loses those
///           that are no longer among the latest kMaxOthers; the last feed_status comes
///           to every new subscriber.
/// Bound     Per instrument one line and a frame per format; per format kLogBytes; per
///           subscriber a number, or 9 bytes per instrument that it wants.
/// Pure      No socket, clock or log in here.
class Hub {
 public:
  static constexpr std::size_t kChunk = 64 << 10;       // given to a sink at once
  static constexpr std::size_t kMaxBehind = 256 << 10;  // then latest values only
  static constexpr std::size_t kLogBytes = 1 << 20;
  static constexpr std::size_t kMaxOthers = 64;

  Hub();
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// A tick line without its newline, its price text, and when it came (any clock).
  void tick(Instrument instrument, std::string_view line, std::string_view price,
            std::int64_t now_ms);
  /// Any other line. A feed_status is kept for those who come later.
  void other(std::string_view line, bool is_status);

  /// Gives every subscriber what is due. To be called when the input runs dry; large
  /// batches are handed on in between by themselves.
  void flush();
  /// The same for one, whose sink takes bytes again.
  void flush(Subscription& subscription);

  /// `prefix` and `suffix` go round each line inside one text frame. The snapshot of
  /// what the filter wants is due at once. The subscription ends with the handle, which
  /// must go before hub and sink.
  std::unique_ptr<Subscription> subscribe(Sink& sink, Filter filter, std::string_view prefix,
                                          std::string_view suffix);

  struct Price {
    std::string_view text;  // valid until the next tick
    std::int64_t at_ms;
  };
  std::optional<Price> price(Instrument instrument) const;
  std::size_t instruments() const noexcept { return entries_.size(); }

 private:
  friend class Subscription;
  struct Watcher {
    Subscription* subscription;
    std::uint32_t slot;
  };
  struct Entry {
    Instrument instrument;
    std::string line;
    std::string price;
    std::int64_t at_ms = 0;
    std::uint64_t version = 0;
    std::vector<Watcher> watchers;
  };
  struct Other {
    std::uint64_t version;
    std::string line;
  };
  /// One way to wrap lines, shared by all who subscribe with it.
  struct Format {
    std::string prefix, suffix;
    std::size_t users = 0;    // subscriptions
    std::size_t readers = 0;  // of them those who read the log
    std::uint64_t first = 0;  // version of the log's first frame
    std::string log;
    std::vector<std::size_t> starts;  // of each frame in the log
    struct Frame {
      std::uint64_t version = 0;
      std::string bytes;
    };
    std::vector<Frame> frames;  // per entry, made when first asked for
  };

  std::uint32_t entry_of(Instrument instrument);
  void flush_before_overwriting(std::uint32_t entry);
  Format& format_of(std::string_view prefix, std::string_view suffix);
  void append_to_logs(std::string_view line);
  static void append_frame(const Format& format, std::string& out, std::string_view line);
  std::string_view frame(Format& format, std::uint32_t entry);
  void trim(Format& format);

  void watch(Subscription& subscription, std::uint32_t entry);
  bool flush_log(Subscription& subscription);
  bool flush_latest(Subscription& subscription);
  bool flush_few(Subscription& subscription);
  bool flush_others(Subscription& subscription);

  std::uint64_t version_ = 0;
  std::uint64_t flushed_version_ = 0;
  std::size_t unflushed_bytes_ = 0;
  std::vector<Entry> entries_;
  std::unordered_map<Instrument, std::uint32_t> index_;
  std::deque<Other> others_;
  std::string status_;
  std::vector<std::unique_ptr<Format>> formats_;
  std::vector<Subscription*> subscriptions_;
  std::string scratch_;
};

/// One subscriber's place in the stream; made by Hub::subscribe().
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  friend class Hub;
  struct Slot {
    std::uint32_t entry;
    bool due;
  };
  Subscription(Hub& hub, Sink& sink, Filter filter, Hub::Format& format);

  Hub& hub_;
  Sink& sink_;
  Filter filter_;
  Hub::Format& format_;
  std::uint64_t seen_ = 0;         // ticks up to this version are out (filter_.all)
  std::uint64_t others_seen_ = 0;  // other lines up to this version are out
  std::vector<Slot> slots_;        // one per wanted instrument that has a line
  std::deque<std::uint32_t> due_;  // slots in the order in which they became due
  std::size_t index_ = 0;          // in the hub's list
};

}  // namespace ltp::serve
