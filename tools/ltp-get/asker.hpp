#pragma once

#include "cli/exit_code.hpp"
#include "loop/loop.hpp"
#include "net/http_client.hpp"
#include "options.hpp"
#include "quotes/cache.hpp"
#include "quotes/quotes.hpp"
#include "redis/client.hpp"
#include "rows.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ltp::get {

/// How a round of asking went.
struct Outcome {
  cli::ExitCode status = cli::ExitCode::kOk;
  std::string why;        // for a person, of what is worse than a price that is not there
  bool answered = false;  // somebody was reached: a row without a price has none
};

/// Fills rows with prices, again and again if wanted: from Redis and then the broker, from
/// one of them, or from an ltp-serve.
///
/// Status  kOk: every row has a price. kIncomplete: the others are not known. kUnavailable,
///         kTryLater, kRefused: whoever could know was not reached, holds us back, does not
///         take our token.
class Asker {
 public:
  using Done = std::function<void(Outcome)>;

  /// Throws StartError if credentials are needed, or half there, and missing.
  Asker(loop::Loop& loop, const Options& options);
  ~Asker();

  /// `rows` stay where they are until `done`, which comes once, later.
  void ask(std::vector<Row>& rows, Done done);

 private:
  void ask_cache();
  void on_cached(const quotes::Cached& cached);
  void ask_broker();
  void on_quotes(const quotes::Answer& answer);
  void ask_server(std::size_t first);
  void on_server(std::size_t next, const Result<net::HttpAnswer, net::HttpFault>& answer);
  std::string take_server_prices(const std::string& body);
  void no_cache(const std::string& why);
  void tell(const std::string& warning);
  bool is_too_old(const std::optional<std::int64_t>& age_ms);
  void end(cli::ExitCode if_missing, std::string why);

  loop::Loop& loop_;
  const Options& options_;
  std::unique_ptr<redis::Client> redis_;    // none: an ltp-serve is asked
  std::unique_ptr<quotes::Quotes> quotes_;  // none: the broker is not asked
  net::HttpClient http_;
  loop::Timer patience_;
  bool waits_for_redis_ = false;
  std::string redis_fault_;
  bool answered_ = false;
  std::vector<Row>* rows_ = nullptr;
  std::vector<std::size_t> asked_;  // places of the rows that the broker is asked for
  std::vector<std::string> ageless_;
  std::string told_;  // to the person, of Redis, in the last round
  Done done_;
};

}  // namespace ltp::get
