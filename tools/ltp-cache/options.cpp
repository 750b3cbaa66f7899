#include "options.hpp"

#include "filter/options.hpp"

#include <CLI/CLI.hpp>

namespace ltp::cache {

void add_options(CLI::App& app, Options& options) {
  filter::add_common_options(app, options.plan);
  filter::add_store_options(app, *options.plan.store);
  auto* publish = app.add_flag("--publish", options.publishes,
                               "Publish each line after its price was stored, as ltp-pub does");
  for (auto* option : filter::add_publish_options(app, options.publish)) option->needs(publish);
}

filter::Plan Options::asked() const {
  auto asked = plan;
  if (publishes) asked.publish = publish;
  return asked;
}

}  // namespace ltp::cache
