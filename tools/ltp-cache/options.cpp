#include "options.hpp"

#include "base/fault.hpp"
#include "filter/options.hpp"

#include <CLI/CLI.hpp>

namespace ltp::cache {

void add_options(CLI::App& app, Options& options) {
  filter::add_common_options(app, options.plan);
  filter::add_store_options(app, *options.plan.store);
  app.add_flag("--publish", options.publishes,
               "Publish each line after its price was stored, as ltp-pub does");
  filter::add_publish_options(app, options.publish);
}

filter::Plan Options::asked() const {
  auto asked = plan;
  // Wherever they were said: on the command line or in a file.
  if (!publishes && publish != filter::Publish{})
    throw StartError(Fault::kUsage,
                     "--channel and --per-instrument are of use with --publish only");
  if (publishes) asked.publish = publish;
  return asked;
}

}  // namespace ltp::cache
