#pragma once

#include "replay/pace.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ltp::replay {

/// --speed; it makes sense only beside `recording`, the option that names the file.
void add_speed_option(CLI::App& app, CLI::Option* recording, Speed& speed);

}  // namespace ltp::replay
