#pragma once

#include "output.hpp"
#include "tick/ndjson.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ltp::feed {

/// What the feed says of itself among the ticks: a feed_status line on each change and every
/// 10 s, a gap line after each interruption.
class StatusWriter {
 public:
  /// `tells` false: nothing is written.
  StatusWriter(Output& output, bool tells) : output_(output), tells_(tells) {}

  /// The last thing that went wrong; each status says it until the feed is connected.
  void blame(std::string reason, std::optional<int> code);

  /// Reason and code of `now` are left open here and below.
  void write(ndjson::FeedStatus now);
  /// The same, if state or reason differ from what was shown last.
  void show(const ndjson::FeedStatus& now);
  bool due() const;

  /// Goes out with the tick that ends the gap.
  void gap(const ndjson::Gap& gap);

 private:
  Output& output_;
  bool tells_;
  std::string reason_;
  std::optional<int> code_;
  std::string shown_;  // state and reason
  std::int64_t written_ms_ = 0;
  std::string line_;  // scratch
};

}  // namespace ltp::feed
