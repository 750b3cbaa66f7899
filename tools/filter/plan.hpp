#pragma once

#include "redis/address.hpp"
#include "tick/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ltp::filter {

/// The latest of each instrument, kept in Redis, and the feed's heartbeat.
struct Store {
  std::string key_prefix{keys::kPrefix};
  std::int64_t ttl_s = keys::kPriceLife_s;
  bool lines = false;  // the whole line too, beside the price
};

/// Each line on a channel.
struct Publish {
  std::string channel{keys::kUpdatesChannel};
  bool per_instrument = false;  // on a channel of each instrument as well

  friend bool operator==(const Publish&, const Publish&) = default;
};

/// What ltp-cache and ltp-pub were asked to do: they are one program but for this.
struct Plan {
  redis::Address redis;
  std::optional<Store> store;
  std::optional<Publish> publish;
  bool pass_on = true;  // the lines, to standard output
  bool strict = false;  // a line that is no good ends it
};

}  // namespace ltp::filter
