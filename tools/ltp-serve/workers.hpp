#pragma once

#include "cli/exit_code.hpp"

#include <functional>

namespace ltp::serve {

/// Runs `work` in `count` processes, until SIGTERM or SIGINT.
///
/// Dies     A worker that ends by itself is started again, at once if it has lived for
///          kSettled, else a second later. If the first workers cannot start, with a status
///          that speaks of settings, all end with it.
/// Signals  TERM, INT and HUP go on to all. After a TERM they have `patience_s` to end.
/// Ends     With the worst status of a worker that was told to end. Workers end if this
///          process does, however that happens.
/// Before   No thread and no event loop may exist yet.
cli::ExitCode run_workers(unsigned count, int patience_s,
                          const std::function<cli::ExitCode()>& work);

}  // namespace ltp::serve
