#include "options.hpp"

#include "filter/options.hpp"

namespace ltp::cache {

void add_options(CLI::App& app, Options& options) {
  filter::add_redis_option(app, options.redis);
}

}  // namespace ltp::cache
