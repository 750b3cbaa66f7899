#pragma once

#include "filter/filter.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ltp::cache {

/// Makes `SETEX ltp:SEGMENT:ID 30 price` of each tick, the price as it stands in the
/// line, and keeps the feed's heartbeat.
///
/// Late       A price that has waited for Redis longer than it would live there is not
///            written: it would be dressed up as new.
/// Heartbeat  Written on ticks and on the feed's word that it is connected, at most every
///            5 s, and lives 60 s: a feed that is dead lets it end.
class CacheFilter : public filter::Filter {
 public:
  void take(const line::Line& line, std::string_view text, filter::Outbox& outbox) override;
  filter::Command compose(const filter::Item& item) override;

 private:
  void beat(filter::Outbox& outbox);

  std::int64_t beat_ms_ = 0;  // 0: never
  std::string key_;
  std::array<std::string_view, 4> words_;
};

}  // namespace ltp::cache
