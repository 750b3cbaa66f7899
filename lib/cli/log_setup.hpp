#pragma once

#include <string>

namespace ltp::cli::log {

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Once, before the first message. Quiet leaves out info; verbose adds debug.
void set_up(const std::string& tool, Verbosity verbosity);

}  // namespace ltp::cli::log
