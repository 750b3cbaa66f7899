#pragma once

#include "cli/exit_code.hpp"
#include "options.hpp"

namespace ltp::get {

/// ltp-get doctor: walks the way of a price from Redis to the browser and to the broker,
/// and prints for each step how it is and what to do. kOk if all is well; else what the
/// gravest fault has: kUnavailable without Redis, kRefused for a token, or kIncomplete.
cli::ExitCode examine(const Options& options);

}  // namespace ltp::get
