#pragma once

#include "account/credentials.hpp"
#include "dhan/quote_api.hpp"
#include "instruments/http_url.hpp"
#include "loop/loop.hpp"
#include "net/http_client.hpp"
#include "quotes/breaker.hpp"
#include "quotes/slot.hpp"
#include "tick/instrument.hpp"
#include "tick/keys.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::quotes {

/// Why a price is missing, the gravest last.
enum class Lack : std::uint8_t {
  kNone,      // none is
  kUnknown,   // the broker has no price of it
  kBusy,      // too much is asked for already
  kTooLate,   // it did not come within the time allowed
  kTrouble,   // the broker cannot be reached, or answers nonsense
  kHeldBack,  // its rate limit holds all of the account back
  kRefused,   // token, client id or plan: see why
};

struct Answer {
  std::vector<std::string> prices;  // one for each that was asked; empty: none
  std::vector<bool> fetched;        // it came by a request that was waited for
  std::vector<loop::Ms> ages;       // since the broker told it
  Lack lack = Lack::kNone;          // the gravest of all that are missing
  std::string why;                  // for a person: "the broker cannot be reached (…)"
};

/// Where the broker's REST API is: DHANHQ_BASE_URL, or the live one. StartError(kConfig) if
/// that is no URL.
instruments::HttpUrl base_url_from_environment();

/// Prices from the broker, for many who ask at once.
///
/// Merged    What is asked within 50 ms goes into one request, of all segments, with at
///           most 1,000 ids; an id that is asked for already is not asked for again.
/// Turns     One request at a time, and by Slot one in 1.05 s over all processes.
/// Memory    A price answers for 30 s, or for less if that is wanted; that the broker has
///           none, for 30 s. Prices go to Redis for 30 s, unless there is one already.
/// Failing   Who waits gets what there is; a rate limit, a refusal or a broken broker
///           answers those who come later at once, without a request, until it is over.
/// Bound     8,000 ids and 200,000 waits for one; what is more is kBusy at once. An id that
///           nobody waits for any more is not asked for.
/// Secret    The token goes to the given host only; redirects are not followed.
class Quotes {
 public:
  static constexpr loop::Ms kMemory{1000 * keys::kPriceLife_s};
  using Done = std::function<void(Answer)>;
  /// What a person should know, once per change; empty: all is well again. `prices_lack`: as
  /// long as it is not.
  using Tell = std::function<void(const std::string& text, bool prices_lack)>;

  /// `redis` may be null: then prices are kept here and turns are those of this process.
  Quotes(loop::Loop& loop, account::CredentialSource credentials, instruments::HttpUrl base,
         redis::Client* redis, Tell tell);
  ~Quotes();
  Quotes(const Quotes&) = delete;
  Quotes& operator=(const Quotes&) = delete;

  struct Wish {
    loop::Ms patience;
    loop::Ms most_age = kMemory;  // of a price that came before
  };
  /// `done` comes once, after the patience at the latest, perhaps from inside ask().
  void ask(std::span<const Instrument> instruments, const Wish& wish, Done done);

 private:
  struct Waiter;
  struct Wait {
    std::shared_ptr<Waiter> waiter;
    std::size_t place;  // in its answer
  };
  struct Known {
    std::string price;  // empty: the broker has none
    std::int64_t at_ms;
  };
  struct Lacking {
    Lack lack = Lack::kNone;
    std::string why;
  };

  const Known* find_known(Instrument instrument, loop::Ms most_age) const;
  Lacking closed(std::int64_t now_ms, loop::Ms patience);
  bool enqueue(Instrument instrument, const Wait& wait);
  void next();
  void on_turn(loop::Ms wait);
  void call();
  std::vector<Instrument> take_batch();
  void on_answer(std::int64_t sent_ms, const Result<net::HttpAnswer, net::HttpFault>& answer);
  void on_quotes(const std::vector<dhan::RestQuote>& quotes);
  void on_fault(const dhan::RestFault& fault);
  void remember(Instrument instrument, const std::string& price);
  void resolve(Instrument instrument, const std::string& price, const Lacking& lacking);
  void sweep();
  void tell(const std::string& text);
  void tell_unshared();

  account::CredentialSource credentials_;
  const instruments::HttpUrl base_;
  redis::Client* redis_;
  const Tell tell_;
  Slot slot_;
  Breaker breaker_;
  net::HttpClient http_;
  loop::Timer gather_;  // until the request goes out, or its turn comes
  loop::Timer sweep_;   // who has waited long enough?

  bool moving_ = false;            // between the first id in the queue and an empty queue
  std::deque<Instrument> queue_;   // not asked for yet
  std::vector<Instrument> asked_;  // in the request that is under way
  std::unordered_map<Instrument, std::vector<Wait>> waits_;  // of both
  std::size_t wait_count_ = 0;
  std::vector<std::shared_ptr<Waiter>> waiters_;

  std::unordered_map<Instrument, Known> known_;
  std::deque<std::pair<std::int64_t, Instrument>> forget_;  // when, oldest first

  std::int64_t held_until_ms_ = 0;     // by the rate limit
  std::int64_t refused_until_ms_ = 0;  // with the token that we have
  std::string trouble_;                // of the broker, last
  std::string told_;
  std::string told_unshared_;  // why turns are not shared
};

}  // namespace ltp::quotes
