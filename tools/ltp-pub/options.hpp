#pragma once

#include "filter/plan.hpp"

namespace CLI {
class App;
}

namespace ltp::pub {

struct Options {
  filter::Plan plan{.publish = filter::Publish{}};
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::pub
