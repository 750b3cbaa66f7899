#pragma once

#include "format.hpp"
#include "latest.hpp"
#include "line_log.hpp"
#include "sink.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ltp::serve {

/// The place in the stream of a subscriber of whole segments. It is one version: all up to
/// it is out. (And one more for segments that were added and have not caught up yet.)
///
/// Keep up  The next lines are read from the shared log.
/// Behind   The latest line of each instrument whose version is above the place, oldest
///          first, until the place is the last version. A snapshot is the same from 0.
/// Skipped  What came, less what was given, less what is still to be given.
class Reader {
 public:
  /// Up to so many bytes of the log are read however old they are; up to the second bound if
  /// they are not stale. Beyond that, only the latest.
  static constexpr std::size_t kLittleBehind = 256 << 10;
  static constexpr std::size_t kMaxBehind = 2 << 20;

  struct Stock {
    const Latest& latest;
    const LineLog& log;
    std::uint64_t stale;  // lines up to this version came a while ago
  };

  /// From now on these segments. Of new ones what moved after version `since` is due.
  void set(SegmentMask mask, std::uint64_t since, const Stock& stock);
  SegmentMask mask() const noexcept;
  /// All lines of the segment up to this version are out; 0 if it is not wanted.
  std::uint64_t heard(Segment segment) const noexcept;

  bool done(const LineLog& log) const noexcept;
  /// Whether the log is where to go on; it has the other lines too, `others_seen` of which
  /// are out.
  bool can_read_log(const Stock& stock, std::uint64_t others_seen) const noexcept;
  /// The next chunk; false: the sink did not take it.
  bool give_log(const Stock& stock, const Format& format, Sink& sink, std::string& buffer,
                std::int64_t now_ms);
  bool give_latest(const Stock& stock, const Wrap& wrap, Sink& sink, std::string& buffer,
                   std::int64_t now_ms);
  /// The place, where there is one: after give_log().
  std::uint64_t place() const noexcept { return parts_.front().at; }

 private:
  struct Part {
    SegmentMask mask;
    std::uint32_t hint = Latest::kNone;  // the entry given last
    std::uint64_t at;                    // all up to this version is out
    std::uint64_t since;                 // lines up to this one are no loss if skipped
    std::uint64_t base;                  // lines that had arrived when the count began
    std::uint64_t given = 0;             // of those that arrived since
    std::uint64_t told = 0;              // likewise, as skipped
  };

  static std::uint64_t skipped(const Part& part, const Latest& latest);
  void settle(Part& part, const Stock& stock);

  std::vector<Part> parts_;  // disjoint
};

}  // namespace ltp::serve
