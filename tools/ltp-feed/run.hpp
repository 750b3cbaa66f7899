#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::feed {

/// Runs until a signal, a refusal, or until the reader of standard output has gone.
cli::ExitCode run(const Options& options);

}  // namespace ltp::feed
