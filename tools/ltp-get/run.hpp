#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::get {

/// One MGET, one answer: kOk, kIncomplete if a price is missing, kUnavailable if Redis
/// does not answer within two seconds.
cli::ExitCode run(const Options& options);

}  // namespace ltp::get
