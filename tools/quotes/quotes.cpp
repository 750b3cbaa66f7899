#include "quotes/quotes.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/run_tool.hpp"
#include "redis/client.hpp"
#include "tick/keys.hpp"

#include <algorithm>
#include <utility>

namespace ltp::quotes {
namespace {

constexpr loop::Ms kGather{50};
constexpr loop::Ms kSweep{100};
constexpr loop::Ms kCallTimeout{4000};
constexpr std::int64_t kRefused_ms = 60'000;
constexpr std::size_t kMostQueued = 8000;  // what can be asked in the longest patience
constexpr std::size_t kMostWaits = 200'000;

net::HttpRequest request_of(const instruments::HttpUrl& base, const dhan::Credentials& credentials,
                            std::span<const Instrument> instruments) {
  net::HttpRequest request;
  request.method = "POST";
  request.tls = base.tls;
  request.host = base.host;
  request.port = base.port;
  request.resource = cat(base.resource, dhan::kQuotePath);
  request.headers = dhan::rest_headers(credentials);
  request.body = dhan::quote_body(instruments);
  return request;
}

}  // namespace

instruments::HttpUrl base_url_from_environment() {
  auto text = cli::env({"DHANHQ_BASE_URL"});
  if (text.empty()) text = dhan::kLiveRestUrl;
  auto url = instruments::parse_http_url(text);
  if (!url || url->resource.find('?') != std::string::npos)
    throw StartError(Fault::kConfig,
                     "DHANHQ_BASE_URL is no http:// or https:// URL without a query");
  while (url->resource.ends_with('/')) url->resource.pop_back();
  return *std::move(url);
}

struct Quotes::Waiter {
  Answer answer;
  std::size_t left = 0;  // of its prices
  std::int64_t until_ms = 0;
  Done done;  // none: it has its answer

  void lacks(const Lacking& lacking) {
    if (lacking.lack <= answer.lack) return;
    answer.lack = lacking.lack;
    answer.why = lacking.why;
  }
  void finish() {
    if (done) std::exchange(done, nullptr)(std::move(answer));
  }
};

Quotes::Quotes(loop::Loop& loop, account::CredentialSource credentials, instruments::HttpUrl base,
               redis::Client* redis, Tell tell)
    : credentials_(std::move(credentials)),
      base_(std::move(base)),
      redis_(redis),
      tell_(std::move(tell)),
      slot_(redis, credentials_.now().client_id),
      http_(loop),
      gather_(loop, [this] { next(); }),
      sweep_(loop, [this] { sweep(); }) {}

Quotes::~Quotes() = default;

void Quotes::ask(std::span<const Instrument> instruments, const Wish& wish, Done done) {
  const auto now = steady_ms();
  const auto waiter = std::make_shared<Waiter>();
  waiter->answer.prices.resize(instruments.size());
  waiter->answer.fetched.resize(instruments.size());
  waiter->answer.ages.resize(instruments.size());
  waiter->until_ms = now + wish.patience.count();
  waiter->done = std::move(done);

  const auto why_not = closed(now, wish.patience);
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    if (const auto* known = find_known(instruments[i], wish.most_age)) {
      waiter->answer.prices[i] = known->price;
      waiter->answer.ages[i] = loop::Ms{now - known->at_ms};
      if (known->price.empty()) waiter->lacks({Lack::kUnknown, "the broker has no price of it"});
    } else if (why_not.lack != Lack::kNone) {
      waiter->lacks(why_not);
    } else if (enqueue(instruments[i], {waiter, i})) {
      ++waiter->left;
    } else {
      waiter->lacks({Lack::kBusy, "too many prices are asked of the broker already"});
    }
  }
  if (waiter->left == 0) return waiter->finish();
  waiters_.push_back(waiter);
  if (!sweep_.running()) sweep_.start(kSweep, kSweep);
  if (!std::exchange(moving_, true)) gather_.start(kGather);
}

const Quotes::Known* Quotes::find_known(Instrument instrument, loop::Ms most_age) const {
  const auto known = known_.find(instrument);
  if (known == known_.end()) return nullptr;
  const auto most = known->second.price.empty() ? kMemory : std::min(most_age, kMemory);
  return steady_ms() - known->second.at_ms < most.count() ? &known->second : nullptr;
}

/// Why nothing can be asked within the patience, if so.
Quotes::Lacking Quotes::closed(std::int64_t now_ms, loop::Ms patience) {
  if (refused_until_ms_ > now_ms) {
    if (!credentials_.refresh()) return {Lack::kRefused, trouble_};
    refused_until_ms_ = 0;
  }
  if (held_until_ms_ > now_ms + patience.count())
    return {Lack::kHeldBack, cat("the broker's rate limit holds requests back for ",
                                 (held_until_ms_ - now_ms + 999) / 1000, " s")};
  if (breaker_.open_until_ms() > now_ms) return {Lack::kTrouble, trouble_};
  return {};
}

bool Quotes::enqueue(Instrument instrument, const Wait& wait) {
  if (wait_count_ >= kMostWaits) return false;
  auto at = waits_.find(instrument);
  if (at == waits_.end()) {
    if (queue_.size() >= kMostQueued) return false;
    queue_.push_back(instrument);
    at = waits_.try_emplace(instrument).first;
  }
  at->second.push_back(wait);
  ++wait_count_;
  return true;
}

/// What is in the queue goes out when it is our turn.
void Quotes::next() {
  if (queue_.empty()) {
    moving_ = false;
    return;
  }
  slot_.take([this](loop::Ms wait) { on_turn(wait); });
}

void Quotes::on_turn(loop::Ms wait) {
  if (told_unshared_ != slot_.fault()) tell_unshared();
  if (wait.count() == 0) return call();
  const auto now = steady_ms();
  if (wait > Slot::kEvery + Slot::kYield) {
    held_until_ms_ = now + wait.count();
    const Lacking lacking = closed(now, loop::Ms{0});
    for (const auto& waiter : waiters_) {
      if (waiter->until_ms >= held_until_ms_) continue;
      waiter->lacks(lacking);
      waiter->until_ms = now;
    }
    sweep();
  }
  gather_.start(wait);
}

void Quotes::tell_unshared() {
  told_unshared_ = slot_.fault();
  if (told_unshared_.empty()) return;
  const auto* next = told_unshared_.starts_with("NOPERM")
                         ? "; give its user the rights that ltp(7) names"
                         : "; until it does, each program keeps to the limit by itself";
  tell_(cat("Redis does not let the broker's rate limit be shared (", printable(told_unshared_),
            ")", next),
        false);
}

void Quotes::call() {
  asked_ = take_batch();
  if (asked_.empty()) return next();
  credentials_.refresh();
  http_.ask(request_of(base_, credentials_.now(), asked_), kCallTimeout,
            [this, sent_ms = steady_ms()](const Result<net::HttpAnswer, net::HttpFault>& answer) {
              on_answer(sent_ms, answer);
            });
}

/// Ids that somebody still waits for; the others leave the queue.
std::vector<Instrument> Quotes::take_batch() {
  std::vector<Instrument> batch;
  while (!queue_.empty() && batch.size() < dhan::kMaxQuoteIds) {
    const auto instrument = queue_.front();
    queue_.pop_front();
    const auto& waits = waits_.at(instrument);
    if (std::any_of(waits.begin(), waits.end(),
                    [](const Wait& wait) { return wait.waiter->done != nullptr; }))
      batch.push_back(instrument);
    else
      resolve(instrument, {}, {});
  }
  return batch;
}

void Quotes::on_answer(std::int64_t sent_ms,
                       const Result<net::HttpAnswer, net::HttpFault>& answer) {
  slot_.answered(loop::Ms{steady_ms() - sent_ms});
  if (!answer) {
    on_fault({dhan::RestFault::Kind::kTrouble, answer.error().text});
  } else if (const auto quotes = dhan::parse_quotes(answer.value().status, answer.value().body)) {
    on_quotes(quotes.value());
  } else {
    on_fault(quotes.error());
  }
  asked_.clear();
  next();
}

void Quotes::on_quotes(const std::vector<dhan::RestQuote>& quotes) {
  slot_.worked();
  breaker_.worked();
  held_until_ms_ = 0;
  tell({});
  std::unordered_map<Instrument, const std::string*> prices;
  for (const auto& quote : quotes) prices.emplace(quote.instrument, &quote.price);
  const auto price_of = [&](Instrument instrument) {
    const auto found = prices.find(instrument);
    return found == prices.end() ? std::string() : *found->second;
  };
  for (const auto instrument : asked_) remember(instrument, price_of(instrument));
  // Who is answered may end the program.
  if (redis_ != nullptr) redis_->flush();
  for (const auto instrument : std::exchange(asked_, {}))
    resolve(instrument, price_of(instrument), {Lack::kUnknown, "the broker has no price of it"});
}

void Quotes::on_fault(const dhan::RestFault& fault) {
  using Kind = dhan::RestFault::Kind;
  const auto now = steady_ms();
  Lacking lacking{Lack::kTrouble, cat("the broker gives no quotes (", fault.text, ")")};
  switch (fault.kind) {
    case Kind::kRateLimit:
      slot_.refused();
      held_until_ms_ = now + slot_.held().count();
      lacking = {Lack::kHeldBack, cat("the broker limits the rate of requests (", fault.text, ")")};
      break;
    case Kind::kRefused:
      refused_until_ms_ = now + kRefused_ms;
      lacking = {
          Lack::kRefused,
          cat("the broker refuses the token (", fault.text, "); renew it",
              credentials_.file().empty() ? " and start again" : cat(" in ", credentials_.file()))};
      break;
    case Kind::kRequest:
    case Kind::kTrouble: breaker_.failed(now); break;
  }
  if (redis_ != nullptr) redis_->flush();
  trouble_ = lacking.why;
  tell(trouble_);
  for (const auto instrument : std::exchange(asked_, {})) resolve(instrument, {}, lacking);
}

void Quotes::remember(Instrument instrument, const std::string& price) {
  const auto now = steady_ms();
  for (; !forget_.empty() && forget_.front().first <= now; forget_.pop_front()) {
    const auto old = known_.find(forget_.front().second);
    if (old != known_.end() && old->second.at_ms + kMemory.count() <= now) known_.erase(old);
  }
  known_[instrument] = {price, now};
  forget_.emplace_back(now + kMemory.count(), instrument);
  if (price.empty() || redis_ == nullptr || !redis_->up()) return;
  // A tick that came meanwhile is newer.
  redis_->command({"SET", keys::price_key(instrument), price, "EX", cat(keys::kPriceLife_s), "NX"});
}

void Quotes::resolve(Instrument instrument, const std::string& price, const Lacking& lacking) {
  const auto waits = std::move(waits_.at(instrument));
  waits_.erase(instrument);
  wait_count_ -= waits.size();
  for (const auto& [waiter, place] : waits) {
    if (!waiter->done) continue;
    waiter->answer.prices[place] = price;
    waiter->answer.fetched[place] = !price.empty();
    if (price.empty()) waiter->lacks(lacking);
    if (--waiter->left == 0) waiter->finish();
  }
}

void Quotes::sweep() {
  const auto now = steady_ms();
  for (const auto& waiter : std::vector(waiters_)) {  // who is told may ask again
    if (!waiter->done || waiter->until_ms > now) continue;
    waiter->lacks({Lack::kTooLate, "the broker did not answer in the time allowed"});
    waiter->finish();
  }
  std::erase_if(waiters_, [](const auto& waiter) { return waiter->done == nullptr; });
  if (waiters_.empty()) sweep_.stop();
}

void Quotes::tell(const std::string& text) {
  if (text == told_) return;
  told_ = text;
  tell_(text, !text.empty());
}

}  // namespace ltp::quotes
