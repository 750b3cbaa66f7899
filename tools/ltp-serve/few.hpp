#pragma once

#include "latest.hpp"
#include "line_log.hpp"
#include "sink.hpp"
#include "wrap.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ltp::serve {

class Subscription;

/// What a subscriber of single instruments is owed.
///
/// Keep up  The lines that came are queued by their versions, and read in the LineLog.
/// Behind   Past kMaxDue of them, or past the log, the latest line of each instrument
///          that moved since, oldest first, takes the queue's place.
/// Bound    16 bytes per instrument here, 16 more where it is watched, 16 per queued line.
class Few {
 public:
  static constexpr std::size_t kMaxDue = 512;

  Few(Latest& latest, Subscription& owner) : latest_(latest), owner_(owner) {}
  ~Few();
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;

  /// Up to which version a subscriber has had the lines of an instrument.
  using Since = std::function<std::uint64_t(Instrument)>;
  /// From now on these, sorted, each once. Of a new one its line is due if it moved since.
  void set(const std::vector<Instrument>& wanted, const Since& since);

  /// A line came for the instrument in `slot`.
  void due(std::uint32_t slot, std::uint64_t version);
  /// False: the sink took not all of it. `latest_only`: never line by line.
  bool give(const LineLog& log, const Wrap& wrap, Sink& sink, std::string& buffer,
            std::int64_t now_ms, bool latest_only);

  bool empty() const noexcept { return slots_.empty(); }
  Subscription& owner() noexcept { return owner_; }
  /// Where in its entry's list the slot's watcher stands; for Latest.
  void set_place(std::uint32_t slot, std::uint32_t place) noexcept { slots_[slot].place = place; }

 private:
  struct Slot {
    std::uint32_t entry;
    std::uint32_t place;
    std::uint64_t given : 63;  // how many of the instrument's lines are out or told as skipped
    std::uint64_t fresh : 1;   // the line that was there when it was wanted is still due
  };
  struct Due {
    std::uint64_t version;
    std::uint32_t slot;
  };

  bool add(Instrument instrument, std::uint64_t since);
  void remove(std::uint32_t slot);
  void fall_behind();
  bool give_queue(const LineLog& log, const Wrap& wrap, Sink& sink, std::string& buffer,
                  std::int64_t now_ms);
  bool give_latest(const Wrap& wrap, Sink& sink, std::string& buffer, std::int64_t now_ms);

  Latest& latest_;
  Subscription& owner_;
  std::vector<Slot> slots_;
  std::vector<Due> due_;
  std::size_t due_begin_ = 0;  // what is before it is out
  bool behind_ = false;
};

}  // namespace ltp::serve
