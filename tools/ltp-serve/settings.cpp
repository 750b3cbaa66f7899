#include "settings.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/run_tool.hpp"

#include <fstream>
#include <utility>

namespace ltp::serve {
namespace {

constexpr const char* kSecretVariable = "LTP_CLIENT_SECRET";
constexpr const char* kCredential = "ltp_client_secret";

OriginList origins_of(const std::vector<std::string>& texts) {
  auto list = OriginList::parse(texts);
  if (!list) throw StartError(Fault::kConfig, list.error());
  return std::move(list).value();
}

std::vector<std::string> secrets_in(const std::string& path) {
  auto secrets = read_secrets(path);
  if (!secrets) throw StartError(Fault::kConfig, secrets.error());
  return std::move(secrets).value();
}

/// From the file, else the environment, else what systemd hands over; none: no token is
/// asked for.
std::vector<std::string> client_secrets(const Options& options) {
  if (!options.client_secret_file.empty()) return secrets_in(options.client_secret_file);
  if (auto secret = cli::env({kSecretVariable}); !secret.empty()) {
    if (secret.size() < ClientTokens::kShortestSecret)
      throw StartError(Fault::kConfig, cat(kSecretVariable,
                                           " is too short for a secret; it has to "
                                           "have ",
                                           ClientTokens::kShortestSecret, " bytes"));
    return {std::move(secret)};
  }
  if (const auto directory = cli::env({"CREDENTIALS_DIRECTORY"}); !directory.empty())
    if (const auto path = cat(directory, "/", kCredential); std::ifstream(path))
      return secrets_in(path);
  return {};
}

}  // namespace

Settings make_settings(const Options& options) {
  Settings settings{.admission = {.origins = origins_of(options.origins),
                                  .cors = origins_of(options.cors),
                                  .tokens = nullptr},
                    .limits = options.limits,
                    .connections = options.connections,
                    .max_message = options.max_message};
  if (auto secrets = client_secrets(options); !secrets.empty())
    settings.admission.tokens = std::make_shared<const ClientTokens>(std::move(secrets));
  return settings;
}

}  // namespace ltp::serve
