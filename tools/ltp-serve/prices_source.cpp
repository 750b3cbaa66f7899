#include "prices_source.hpp"

#include "base/clock.hpp"
#include "redis/client.hpp"
#include "tick/keys.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ltp::serve {

std::vector<std::string> MemorySource::known(std::span<const prices_api::Key> keys) const {
  const auto oldest_ms = wall_us() / 1000 - keys::kPriceLife_s * 1000;
  std::vector<std::string> texts(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].instrument) continue;
    const auto price = hub_.price(*keys[i].instrument);
    if (price && price->at_ms >= oldest_ms) texts[i] = price->text;
  }
  return texts;
}

void MemorySource::prices(std::span<const prices_api::Key> keys, std::function<void(Prices)> done) {
  done(known(keys));
}

void MemorySource::heartbeat(std::function<void(Heartbeat)> done) {
  done({.at_us = intake_.alive_us(), .error = {}, .source = "memory"});
}

void RedisSource::prices(std::span<const prices_api::Key> keys, std::function<void(Prices)> done) {
  std::vector<std::string> names;
  std::vector<std::size_t> places;  // names[i] is the price of keys[places[i]]
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].instrument) {
      names.push_back(keys::price_key(*keys[i].instrument));
      places.push_back(i);
    }
  if (names.empty()) return done(std::vector<std::string>(keys.size()));
  if (!client_.up()) return from_memory(keys, done);

  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), names.begin(), names.end());
  client_.command(words,
                  [this, places = std::move(places), done = std::move(done),
                   asked = std::vector(keys.begin(), keys.end())](const redis::Reply* reply) {
                    if (reply == nullptr || reply->kind != redis::Reply::Kind::kArray ||
                        reply->elements.size() != places.size())
                      return from_memory(asked, done);
                    std::vector<std::string> texts(asked.size());
                    for (std::size_t i = 0; i < places.size(); ++i)
                      if (reply->elements[i].kind == redis::Reply::Kind::kString)
                        texts[places[i]] = reply->elements[i].text;
                    done(std::move(texts));
                  });
}

void RedisSource::from_memory(std::span<const prices_api::Key> keys,
                              const std::function<void(Prices)>& done) {
  auto texts = memory_.known(keys);
  const bool knows_any = std::any_of(texts.begin(), texts.end(),
                                     [](const std::string& text) { return !text.empty(); });
  if (knows_any) return done(std::move(texts));
  done(std::nullopt);
}

void RedisSource::heartbeat(std::function<void(Heartbeat)> done) {
  constexpr std::string_view kSource = "redis_heartbeat";
  if (!client_.up())
    return done({.at_us = {}, .error = "Redis cannot be reached", .source = kSource});
  client_.command({"GET", keys::kHeartbeat}, [done = std::move(done)](const redis::Reply* reply) {
    Heartbeat heartbeat{.at_us = {}, .error = {}, .source = kSource};
    if (reply == nullptr) {
      heartbeat.error = "Redis cannot be reached";
    } else if (reply->is_error()) {
      heartbeat.error = reply->text;
    } else if (reply->kind == redis::Reply::Kind::kString) {
      std::int64_t seconds = 0;
      const auto text = reply->text;
      const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
      constexpr std::int64_t kLatest_s = 253'402'300'799;  // the year 9999
      if (read.ec == std::errc{} && seconds > 0 && seconds <= kLatest_s)
        heartbeat.at_us = seconds * 1'000'000;
    }
    done(std::move(heartbeat));
  });
}

}  // namespace ltp::serve
