#include "run.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/print.hpp"
#include "loop/loop.hpp"
#include "redis/client.hpp"
#include "rows.hpp"
#include "tick/keys.hpp"
#include "tick/price_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::get {
namespace {

constexpr loop::Ms kPatience{2000};

/// Fills in the prices. Returns why it could not, or "".
std::string fetch(const redis::Address& address, std::vector<Row>& rows) {
  std::string fault = cat("no answer within ", kPatience.count() / 1000, " s");
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(keys::price_key(row.instrument));
  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), names.begin(), names.end());

  loop::Loop loop;
  const auto on_reply = [&](const redis::Reply* reply) {
    loop.stop();
    if (reply == nullptr) {
      fault = "the connection broke";
    } else if (reply->kind != redis::Reply::Kind::kArray || reply->elements.size() != rows.size()) {
      fault = reply->is_error() ? std::string(reply->text) : "it is no answer to MGET";
    } else {
      fault.clear();
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (is_price_text(reply->elements[i].text)) rows[i].ltp = reply->elements[i].text;
    }
  };
  redis::Client* asked = nullptr;
  redis::Client client(loop, address, "ltp-get",
                       {[&] { asked->command(words, on_reply); },
                        [&](const std::string& reason, loop::Ms) {
                          fault = reason;
                          loop.stop();
                        },
                        {}});
  asked = &client;
  loop::Timer patience(loop, [&] { loop.stop(); });
  patience.start(kPatience);
  client.start();
  loop.run();
  return fault;
}

}  // namespace

cli::ExitCode run(const Options& options) {
  if (options.keys.empty())
    throw StartError(Fault::kUsage, "no key was given; name some as SEGMENT:ID");
  auto rows = parse_keys(options.keys);
  if (const auto fault = fetch(options.redis, rows); !fault.empty())
    throw StartError(Fault::kUnavailable,
                     cat("Redis at ", options.redis.label(), " gives no prices: ", fault,
                         "; is it running, and does REDIS_URL name it?"));
  const bool as_table = options.format == Format::kTable ||
                        (options.format == Format::kAuto && ::isatty(STDOUT_FILENO) == 1);
  cli::print(as_table ? table(rows) : ndjson(rows));
  const bool complete =
      std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.ltp.empty(); });
  return complete ? cli::ExitCode::kOk : cli::ExitCode::kIncomplete;
}

}  // namespace ltp::get
