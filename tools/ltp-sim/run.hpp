#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::sim {

/// Runs until a signal.
cli::ExitCode run(const Options& options);

}  // namespace ltp::sim
