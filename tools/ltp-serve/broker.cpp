#include "broker.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"

namespace ltp::serve {

Broker make_broker(loop::Loop& loop, const Options& options, redis::Client* redis) {
  if (options.no_broker) return {};
  auto base = quotes::base_url_from_environment();
  try {
    account::CredentialSource credentials(options.token_file);
    return {
        .quotes = std::make_unique<quotes::Quotes>(
            loop, std::move(credentials), std::move(base), redis,
            [](const std::string& text, bool prices_lack) {
              if (text.empty()) return cli::log::info("the broker gives quotes again");
              cli::log::warn(cat(
                  text, prices_lack ? "; prices that Redis does not have are null meanwhile" : ""));
            })};
  } catch (const account::NoCredentials& error) {
    if (!options.token_file.empty()) throw;
    return {.why_none = cat("prices that Redis does not have are null, for the broker cannot be "
                            "asked: ",
                            error.what(), "; or say --no-broker")};
  }
}

}  // namespace ltp::serve
