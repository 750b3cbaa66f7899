#include "options.hpp"

#include "filter/options.hpp"

namespace ltp::pub {

void add_options(CLI::App& app, Options& options) {
  filter::add_common_options(app, options.plan);
  filter::add_publish_options(app, *options.plan.publish);
}

}  // namespace ltp::pub
