#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::serve {

/// Serves until a signal, or, with --stdin, until the input ends.
cli::ExitCode run(const Options& options);

}  // namespace ltp::serve
