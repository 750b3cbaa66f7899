#pragma once

#include "filter/plan.hpp"

namespace CLI {
class App;
}

namespace ltp::cache {

struct Options {
  filter::Plan plan{.store = filter::Store{}};
  bool publishes = false;
  filter::Publish publish;  // if so

  /// What was asked for, once all options are read. Throws StartError.
  filter::Plan asked() const;
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::cache
