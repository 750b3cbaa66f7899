#include "replay/options.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace ltp::replay {

void add_speed_option(CLI::App& app, CLI::Option* recording, Speed& speed) {
  const auto set_speed = [&speed](const std::string& text) {
    const auto wanted = parse_speed(text);
    if (!wanted)
      throw CLI::ValidationError("--speed",
                                 "wanted is 'max', or how many times as fast, such as "
                                 "1, 10 or 0.5");
    speed = *wanted;
  };
  app.add_option_function<std::string>(
         "--speed", set_speed,
         "How fast: 1 (default) is as it was recorded, 10 ten times so, max without waiting")
      ->type_name("N")
      ->needs(recording);
}

}  // namespace ltp::replay
