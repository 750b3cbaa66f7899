#pragma once

#include "redis/address.hpp"

namespace CLI {
class App;
}

namespace ltp::pub {

struct Options {
  redis::Address redis;
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::pub
