#pragma once

#include "filter/plan.hpp"
#include "redis/address.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ltp::filter {

/// Adds --redis URL, which REDIS_URL and the configuration file can give too.
///
/// Default  redis://localhost:6379/0, which is what an `Address` starts as.
/// Secret   A password on the command line can be read by every user of the machine:
///          there it is refused. No message shows the URL.
/// Once     Takes the App's parse_complete_callback.
CLI::Option* add_redis_option(CLI::App& app, redis::Address& address);

/// What both filters have: --redis, --stdout, --strict.
void add_common_options(CLI::App& app, Plan& plan);

/// --ttl, --key-prefix and --store-line.
void add_store_options(CLI::App& app, Store& store);

/// --channel and --per-instrument.
void add_publish_options(CLI::App& app, Publish& publish);

}  // namespace ltp::filter
