#include "prices_source.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "quotes/cache.hpp"
#include "quotes/quotes.hpp"
#include "redis/client.hpp"
#include "redis_intake.hpp"
#include "tick/keys.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ltp::serve {
namespace {

using prices_api::Key;
using prices_api::Price;
using prices_api::Source;

/// Less than what a page waits between two of its questions.
constexpr loop::Ms kBrokerPatience{2500};
constexpr auto kAway = "Redis cannot be reached";

std::vector<std::size_t> missing(std::span<const Key> keys, std::span<const Price> prices) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].instrument && prices[i].text.empty()) places.push_back(i);
  return places;
}

std::vector<Instrument> instruments_at(std::span<const Key> keys,
                                       std::span<const std::size_t> places) {
  std::vector<Instrument> instruments;
  instruments.reserve(places.size());
  for (const auto place : places) instruments.push_back(*keys[place].instrument);
  return instruments;
}

}  // namespace

std::vector<Price> MemorySource::known(std::span<const Key> keys, Detail detail,
                                       std::int64_t since_ms) const {
  const auto now_ms = wall_us() / 1000;
  const auto oldest_ms = std::max(now_ms - keys::kPriceLife_s * 1000, since_ms);
  std::vector<Price> prices(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].instrument) continue;
    const auto price = hub_.price(*keys[i].instrument);
    if (!price || price->at_ms < oldest_ms) continue;
    prices[i] = Price::of(price->text, Source::kMemory);
    if (detail == Detail::kNo) continue;
    prices[i].age_ms = std::max<std::int64_t>(now_ms - price->at_ms, 0);
    prices[i].ltt = quotes::ltt_of(price->line);
  }
  return prices;
}

void MemorySource::prices(const Keys& keys, Detail detail, std::function<void(Found)> done) {
  done({.prices = known(*keys, detail)});
}

void MemorySource::heartbeat(std::function<void(Heartbeat)> done) {
  done({.at_us = intake_.alive_us(), .error = {}, .source = "memory"});
}

void RedisSource::prices(const Keys& keys, Detail detail, std::function<void(Found)> done) {
  const auto since_ms = redis_.hearing_since_ms();
  Found found{.prices = since_ms ? memory_.known(*keys, detail, *since_ms)
                                 : std::vector<Price>(keys->size())};
  auto places = missing(*keys, found.prices);
  if (places.empty()) return done(std::move(found));
  if (!redis_.client().up()) return done(from_memory(*keys, detail, kAway));

  const auto asked = instruments_at(*keys, places);
  quotes::read_cache(
      redis_.client(), asked, detail == Detail::kYes ? quotes::Ages::kYes : quotes::Ages::kNo,
      [this, detail, keys, places = std::move(places), done = std::move(done),
       found = std::make_shared<Found>(std::move(found))](quotes::Cached cached) {
        if (!cached.fault.empty())
          return done(from_memory(*keys, detail, cat("Redis gives no prices: ", cached.fault)));
        for (std::size_t i = 0; i < places.size(); ++i) {
          auto& from = cached.prices[i];
          if (!from.text.empty())
            found->prices[places[i]] = {.text = std::move(from.text),
                                        .source = Source::kCache,
                                        .age_ms = from.age_ms,
                                        .ltt = std::move(from.ltt)};
        }
        done(std::move(*found));
      });
}

PricesSource::Found RedisSource::from_memory(std::span<const Key> keys, Detail detail,
                                             std::string fault) const {
  return {.prices = memory_.known(keys, detail), .fault = std::move(fault)};
}

void BrokerSource::prices(const Keys& keys, Detail detail, std::function<void(Found)> done) {
  first_.prices(keys, detail, [this, keys, done = std::move(done)](Found found) {
    add_missing(*keys, std::move(found), done);
  });
}

void BrokerSource::add_missing(std::span<const Key> keys, Found found,
                               const std::function<void(Found)>& done) {
  auto places = missing(keys, found.prices);
  if (places.empty() || quotes_ == nullptr) {
    if (!places.empty() && !why_not_.empty()) cli::log::warn(std::exchange(why_not_, {}));
    return done(std::move(found));
  }
  const auto asked = instruments_at(keys, places);
  quotes_->ask(asked, {.patience = kBrokerPatience},
               [places = std::move(places), found = std::move(found),
                done](quotes::Answer answer) mutable {
                 for (std::size_t i = 0; i < places.size(); ++i) {
                   if (answer.prices[i].empty()) continue;
                   auto& price = found.prices[places[i]];
                   price.text = std::move(answer.prices[i]);
                   price.source = answer.fetched[i] ? Source::kBroker : Source::kMemory;
                   price.age_ms = answer.ages[i].count();
                 }
                 done(std::move(found));
               });
}

void RedisSource::heartbeat(std::function<void(Heartbeat)> done) {
  constexpr std::string_view kSource = "redis_heartbeat";
  if (!redis_.client().up())
    return done({.at_us = {}, .error = kAway, .source = kSource});
  redis_.client().command({"GET", keys::kHeartbeat}, [done = std::move(done)](const redis::Reply* reply) {
    Heartbeat heartbeat{.at_us = {}, .error = {}, .source = kSource};
    if (reply == nullptr) {
      heartbeat.error = kAway;
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
