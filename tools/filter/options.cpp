#include "filter/options.hpp"

#include "cli/run_tool.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <utility>

namespace ltp::filter {

CLI::Option* add_redis_option(CLI::App& app, redis::Address& address) {
  const auto set_address = [&address](const std::string& url) {
    auto parsed = redis::parse_address(url);
    if (!parsed) throw CLI::ValidationError("--redis", parsed.error().text);
    address = std::move(parsed).value();
  };
  auto* option =
      app.add_option_function<std::string>(
             "--redis", set_address,
             "Redis to use, redis://host:port/db or unix:///path; redis://localhost:6379/0 if "
             "nothing else is said")
          ->type_name("URL");
  cli::from_env(option, {"REDIS_URL"});

  // Only the command line has spoken when this is called.
  app.parse_complete_callback([&address] {
    if (!address.password.empty())
      throw CLI::ValidationError(
          "--redis", "a password on the command line can be seen by all; put the URL in REDIS_URL");
  });
  return option;
}

}  // namespace ltp::filter
