#pragma once

#include "filter/outbox.hpp"
#include "filter/plan.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <string_view>

namespace ltp::filter {

/// Gives the outbox what the plan makes of each line.
///
/// Heartbeat  Kept with the prices: written on ticks and on the feed's word that it is
///            connected, at most every 5 s, and lives 60 s: a feed that is dead lets it
///            end.
/// Others     Objects of other types are published, or dropped and counted if that cannot
///            be done now; they are nobody's latest, so they are not held.
class Filter {
 public:
  Filter(const Plan& plan, Outbox& outbox)
      : stores_(plan.store.has_value()), publishes_(plan.publish.has_value()), outbox_(outbox) {}

  /// A line that is a JSON object, and its text without the newline.
  void take(const line::Line& line, std::string_view text, std::int64_t now_ms);

 private:
  void beat(std::int64_t now_ms);

  bool stores_;
  bool publishes_;
  Outbox& outbox_;
  std::int64_t beat_ms_ = 0;  // 0: never
};

}  // namespace ltp::filter
