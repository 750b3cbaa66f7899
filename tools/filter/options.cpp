#include "filter/options.hpp"

#include "cli/run_tool.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace ltp::filter {
namespace {

constexpr std::int64_t kLongest_s = 366 * 24 * 3600;

CLI::Validator not_empty() {
  return CLI::Validator(
      [](const std::string& text) { return text.empty() ? "it is empty" : std::string{}; }, "");
}

}  // namespace

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
    if (address.holds_secret())
      throw CLI::ValidationError(
          "--redis", "a password on the command line can be seen by all; put the URL in REDIS_URL");
  });
  return option;
}

void add_common_options(CLI::App& app, Plan& plan) {
  add_redis_option(app, plan.redis);
  app.add_option_function<std::string>(
         "--stdout", [&plan](const std::string& what) { plan.pass_on = what == "lines"; },
         "Write what was read, 'lines' (default), or 'none'")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"lines", "none"}).description(""));
  app.add_flag("--strict", plan.strict, "End with status 65 at the first line that is no good");
}

void add_store_options(CLI::App& app, Store& store) {
  app.add_option("--ttl", store.ttl_s, "Forget a price this long after its last tick; 30")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, kLongest_s).description(""));
  app.add_option("--key-prefix", store.key_prefix, "Store at PREFIX:SEGMENT:ID; ltp")
      ->type_name("PREFIX")
      ->check(not_empty());
  app.add_flag("--store-line", store.lines, "Store the whole line too, at PREFIX_line:SEGMENT:ID");
}

void add_publish_options(CLI::App& app, Publish& publish) {
  app.add_option("--channel", publish.channel, "Publish on this one; live_ltp_updates")
      ->type_name("NAME")
      ->check(not_empty());
  app.add_flag("--per-instrument", publish.per_instrument,
               "Publish each tick on CHANNEL:SEGMENT:ID as well");
}

}  // namespace ltp::filter
