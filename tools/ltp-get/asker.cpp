#include "asker.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/run_tool.hpp"
#include "json/json.hpp"
#include "tick/ndjson.hpp"
#include "tick/price_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace ltp::get {
namespace {

using cli::ExitCode;

constexpr loop::Ms kRedisPatience{2000};
constexpr loop::Ms kBrokerPatience{8000};
constexpr loop::Ms kServerPatience{8000};
constexpr std::size_t kMostAtOnce = 1000;  // keys that an ltp-serve takes in one request
constexpr std::string_view kPricesPath = "/api/v1/current_prices";

/// None if nobody ever named any.
std::optional<account::CredentialSource> find_credentials(const Options& options) {
  if (options.url || options.sources == Sources::kCache) return std::nullopt;
  try {
    return account::CredentialSource(options.token_file);
  } catch (const account::NoCredentials& error) {
    if (options.sources == Sources::kBroker || !options.token_file.empty()) throw;
    cli::log::debug(cat("the broker is not asked: ", error.what()));
    return std::nullopt;
  }
}

ExitCode status_of(quotes::Lack lack) {
  switch (lack) {
    case quotes::Lack::kNone: return ExitCode::kOk;
    case quotes::Lack::kUnknown: return ExitCode::kIncomplete;
    case quotes::Lack::kBusy:
    case quotes::Lack::kTooLate:
    case quotes::Lack::kHeldBack: return ExitCode::kTryLater;
    case quotes::Lack::kTrouble: return ExitCode::kUnavailable;
    case quotes::Lack::kRefused: return ExitCode::kRefused;
  }
  return ExitCode::kBug;
}

}  // namespace

Asker::Asker(loop::Loop& loop, const Options& options)
    : loop_(loop), options_(options), http_(loop), patience_(loop, [this] {
        no_cache(redis_fault_.empty()
                     ? cat("no answer within ", kRedisPatience.count() / 1000, " s")
                     : redis_fault_);
      }) {
  if (options.url) return;
  // With --broker too: the turns to ask the broker are agreed there.
  redis_ = std::make_unique<redis::Client>(
      loop, options.redis, "ltp-get",
      redis::Client::Events{.on_up =
                                [this] {
                                  redis_fault_.clear();
                                  if (waits_for_redis_) ask_cache();
                                },
                            .on_down =
                                [this](const std::string& reason, loop::Ms) {
                                  redis_fault_ = reason;
                                  if (waits_for_redis_) no_cache(reason);
                                },
                            .on_drained = {}});
  if (auto credentials = find_credentials(options))
    quotes_ = std::make_unique<quotes::Quotes>(
        loop, *std::move(credentials), quotes::base_url_from_environment(), redis_.get(),
        [](const std::string& text, bool) {
          cli::log::debug(text.empty() ? "the broker answers" : text);
        });
  redis_->start();
}

Asker::~Asker() = default;

void Asker::ask(std::vector<Row>& rows, Done done) {
  rows_ = &rows;
  done_ = std::move(done);
  for (auto& row : rows) row.ltp.clear();
  ageless_.clear();
  answered_ = false;
  if (options_.url) return ask_server(0);
  if (redis_->up()) return ask_cache();
  // What it said last counts until it is up.
  if (!redis_fault_.empty()) return loop_.defer([this] { no_cache(redis_fault_); });
  waits_for_redis_ = true;
  patience_.start(kRedisPatience);
}

void Asker::ask_cache() {
  waits_for_redis_ = false;
  if (options_.sources == Sources::kBroker) {
    patience_.stop();
    return ask_broker();
  }
  patience_.start(kRedisPatience);
  std::vector<Instrument> instruments;
  for (const auto& row : *rows_) instruments.push_back(row.instrument);
  const auto ages = options_.max_age.count() > 0 ? quotes::Ages::kYes : quotes::Ages::kNo;
  quotes::read_cache(*redis_, instruments, ages,
                     [this](const quotes::Cached& cached) { on_cached(cached); });
}

void Asker::on_cached(const quotes::Cached& cached) {
  if (!patience_.running()) return;  // it comes too late
  patience_.stop();
  if (!cached.fault.empty()) return no_cache(cached.fault);
  answered_ = true;
  for (std::size_t i = 0; i < rows_->size(); ++i) {
    const auto& price = cached.prices[i];
    auto& row = (*rows_)[i];
    if (price.text.empty()) continue;
    if (options_.max_age.count() > 0 && !price.age_ms) ageless_.push_back(row.key);
    if (!is_too_old(price.age_ms)) row.ltp = price.text;
  }
  tell(ageless_.empty()
           ? std::string()
           : cat("nobody can tell how old ", counted(ageless_.size(), "price"), " in Redis ",
                 ageless_.size() == 1 ? "is" : "are", ", such as that of ", ageless_.front(),
                 ": the key lives longer than 30 s; run ltp-cache with --store-line"));
  ask_broker();
}

/// What is the same in each round of a watch is said once.
void Asker::tell(const std::string& warning) {
  if (warning != told_ && !warning.empty()) cli::log::warn(warning);
  told_ = warning;
}

bool Asker::is_too_old(const std::optional<std::int64_t>& age_ms) {
  if (options_.max_age.count() == 0) return false;
  return !age_ms || *age_ms > options_.max_age.count();
}

void Asker::no_cache(const std::string& why) {
  waits_for_redis_ = false;
  patience_.stop();
  const auto text = cat("Redis at ", options_.redis.label(), " gives no prices: ", why,
                        "; is it running, and does REDIS_URL name it?");
  if (!quotes_) return end(ExitCode::kUnavailable, text);
  if (options_.sources != Sources::kBroker) tell(cat(text, " Asking the broker"));
  ask_broker();
}

void Asker::ask_broker() {
  asked_.clear();
  std::vector<Instrument> instruments;
  for (std::size_t i = 0; i < rows_->size(); ++i) {
    if (!(*rows_)[i].ltp.empty()) continue;
    asked_.push_back(i);
    instruments.push_back((*rows_)[i].instrument);
  }
  if (asked_.empty() || !quotes_) return end(ExitCode::kIncomplete, {});
  quotes::Quotes::Wish wish{.patience = kBrokerPatience};
  if (options_.max_age.count() > 0) wish.most_age = options_.max_age;
  if (options_.sources == Sources::kBroker) wish.most_age = loop::Ms{0};
  quotes_->ask(instruments, wish, [this](const quotes::Answer& answer) { on_quotes(answer); });
}

void Asker::on_quotes(const quotes::Answer& answer) {
  for (std::size_t i = 0; i < asked_.size(); ++i) (*rows_)[asked_[i]].ltp = answer.prices[i];
  const auto status = status_of(answer.lack);
  answered_ |= status == ExitCode::kOk || status == ExitCode::kIncomplete ||
               std::any_of(answer.prices.begin(), answer.prices.end(),
                           [](const std::string& price) { return !price.empty(); });
  end(status, status == ExitCode::kIncomplete ? std::string() : answer.why);
}

/// For as many rows as one request may name, from this one on.
void Asker::ask_server(std::size_t first) {
  const auto& url = *options_.url;
  net::HttpRequest request;
  request.method = "POST";
  request.tls = url.tls;
  request.host = url.host;
  request.port = url.port;
  auto path = url.resource;
  while (path.ends_with('/')) path.pop_back();
  request.resource = path.ends_with(kPricesPath) ? path : path + std::string(kPricesPath);
  if (options_.max_age.count() > 0) request.resource += "?detail=1";
  request.headers = {{"content-type", "application/json"}, {"accept", "application/json"}};
  request.body = R"({"keys":[)";
  const auto next = std::min(rows_->size(), first + kMostAtOnce);
  for (auto i = first; i < next; ++i) {
    if (i > first) request.body.push_back(',');
    ndjson::append_string(request.body, (*rows_)[i].key);
  }
  request.body += "]}";
  http_.ask(std::move(request), kServerPatience,
            [this, next](const Result<net::HttpAnswer, net::HttpFault>& answer) {
              on_server(next, answer);
            });
}

void Asker::on_server(std::size_t next, const Result<net::HttpAnswer, net::HttpFault>& answer) {
  const auto says = [&](const std::string& what) {
    return cat(options_.url->label(), " gives no prices: ", what);
  };
  if (!answer) return end(ExitCode::kUnavailable, says(answer.error().text));
  const auto& got = answer.value();
  if (got.status != 200) {
    const auto json = parse_json(got.body);
    const bool told = json.is_object() && json.contains("error") && json["error"].is_string();
    const auto text = told ? cat(", ", printable(json["error"].get_ref<const std::string&>(), 200))
                           : std::string();
    return end(got.status >= 500 ? ExitCode::kUnavailable : ExitCode::kProtocol,
               says(cat("HTTP status ", got.status, text)));
  }
  if (auto fault = take_server_prices(got.body); !fault.empty())
    return end(ExitCode::kProtocol, says(fault));
  if (next < rows_->size()) return ask_server(next);
  answered_ = true;
  end(ExitCode::kIncomplete, {});
}

/// Returns what is wrong with it, or "".
std::string Asker::take_server_prices(const std::string& body) {
  const auto json = parse_json(body);
  if (!json.is_object() || !json.contains("prices") || !json["prices"].is_object())
    return "its answer is not that of an ltp-serve";
  const auto& prices = json["prices"];
  const auto details = json.value("details", Json::object());
  for (auto& row : *rows_) {
    const auto price = prices.find(row.key);
    if (price == prices.end() || !price->is_number()) continue;
    std::optional<std::int64_t> age_ms;
    if (details.is_object() && details.contains(row.key) && details[row.key].is_object())
      if (const auto age = details[row.key].find("age_ms");
          age != details[row.key].end() && age->is_number_integer())
        age_ms = age->get<std::int64_t>();
    const auto text = price->dump();
    if (!is_too_old(age_ms) && is_price_text(text)) row.ltp = text;
  }
  return {};
}

void Asker::end(ExitCode if_missing, std::string why) {
  const bool complete =
      std::none_of(rows_->begin(), rows_->end(), [](const Row& row) { return row.ltp.empty(); });
  Outcome outcome{complete ? ExitCode::kOk : if_missing, complete ? std::string() : std::move(why),
                  answered_};
  std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace ltp::get
