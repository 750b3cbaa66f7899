#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::get {

/// One answer, or one each --watch until a signal; the status is that of the last.
cli::ExitCode run(const Options& options);

}  // namespace ltp::get
