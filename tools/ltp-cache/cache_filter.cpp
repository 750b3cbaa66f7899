#include "cache_filter.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "filter/outbox.hpp"
#include "tick/keys.hpp"

namespace ltp::cache {
namespace {

constexpr std::int64_t kBeatEvery_ms = 5000;

const std::string& price_life() {
  static const std::string text = cat(keys::kPriceLife_s);
  return text;
}

}  // namespace

void CacheFilter::take(const line::Line& line, std::string_view, filter::Outbox& outbox) {
  if (const auto* tick = std::get_if<line::TickLine>(&line)) {
    outbox.put(tick->instrument, tick->ltp);
    beat(outbox);
  } else if (const auto* status = std::get_if<line::StatusLine>(&line);
             status && status->connected) {
    beat(outbox);
  }
}

void CacheFilter::beat(filter::Outbox& outbox) {
  const auto now_ms = steady_ms();
  if (beat_ms_ != 0 && now_ms - beat_ms_ < kBeatEvery_ms) return;
  const auto life = cat(keys::kHeartbeatLife_s);
  const auto now_s = cat(wall_us() / 1'000'000);
  const std::array<std::string_view, 4> words{"SETEX", keys::kHeartbeat, life, now_s};
  // Not sent, it is due again with the next line.
  if (outbox.offer(words, filter::Outbox::Loss::kSilent)) beat_ms_ = now_ms;
}

filter::Command CacheFilter::compose(const filter::Item& item) {
  if (!item.instrument || item.age_ms > keys::kPriceLife_s * 1000) return {};
  key_.clear();
  keys::append_price_key(key_, *item.instrument);
  words_ = {"SETEX", key_, price_life(), item.text};
  return words_;
}

}  // namespace ltp::cache
