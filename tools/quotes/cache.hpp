#pragma once

#include "tick/instrument.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ltp::redis {
class Client;
}

/// The prices that ltp-cache, or whoever, keeps in Redis.
namespace ltp::quotes {

struct CachedPrice {
  std::string text;                    // empty: none, or what lies there is no price
  std::optional<std::int64_t> age_ms;  // only if asked for, and if it can be told
  std::string ltt;                     // likewise
};

/// How much to ask.
enum class Ages { kNo, kYes };

struct Cached {
  std::vector<CachedPrice> prices;  // one for each that was asked
  std::string fault;                // not empty: Redis did not answer so, nothing is known
};

/// One MGET; for ages two MGETs and a PTTL for each. `done` comes once; not at all if the
/// client goes first. Precondition: client.up().
///
/// Age  By the line that `ltp-cache --store-line` keeps, if it is of this price; else by the
///      time that the key has left, if that is no more than the 30 s of the contract. A
///      key that lives longer tells nothing.
void read_cache(redis::Client& client, std::span<const Instrument> instruments, Ages ages,
                std::function<void(Cached)> done);

/// The trade's time in a tick line, or "".
std::string ltt_of(std::string_view line);

}  // namespace ltp::quotes
