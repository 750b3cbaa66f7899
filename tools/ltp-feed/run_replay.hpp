#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::feed {

/// Replays options.replay to its end, or until a signal or until the reader of standard
/// output has gone. No broker, no credentials.
cli::ExitCode run_replay(const Options& options);

}  // namespace ltp::feed
