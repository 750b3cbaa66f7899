#pragma once

#include "cli/exit_code.hpp"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ltp::cli {

struct About {
  const char* name;     // "ltp-cache"
  const char* summary;  // one sentence, for --help
};

/// Parses, runs, answers with the exit status; catches every exception on the way.
///
/// Settings  The command line counts before the environment, that before --config FILE
///           (lines `option = value`), that before the default. A bad value is an error
///           that names where it stood.
/// Options   -h/--help, -V/--version, -v/--verbose (debug messages), -q/--quiet and
///           --config FILE are added to each tool's own.
/// Signals   SIGPIPE and SIGXFSZ are ignored: a reader that has gone, and a file that may not
///           grow, are errors of write().
int run_tool(const About& about, int argc, char** argv,
             const std::function<void(CLI::App&)>& add_options,
             const std::function<ExitCode()>& run);

/// Lets `option` be set by the environment too. The first of the names that is set and
/// not empty counts.
void from_env(CLI::Option* option, std::initializer_list<const char*> names);

/// Adds an option that takes a time above 0, such as "90", "1.5m" or "250ms".
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& description);

/// Reads all settings once more, as run_tool() has: for programs that take some of them anew
/// on SIGHUP. `add_options` is to fill a fresh set of values. Only from inside run_tool's
/// `run`. Throws StartError with a sentence; what it read before that is not to be used.
void read_settings_again(const std::function<void(CLI::App&)>& add_options);

/// The first of the variables that is set and not empty, or "". For secrets, which have
/// no option.
std::string env(std::initializer_list<const char*> names);

}  // namespace ltp::cli
