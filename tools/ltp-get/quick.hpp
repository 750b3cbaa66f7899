#pragma once

#include "cli/exit_code.hpp"

#include <optional>
#include <span>

namespace ltp::get {

/// What most calls of ltp-get are, done with as little as possible: keys, a format,
/// --price-only, --no-broker, and a Redis that has all the prices and needs no TLS.
///
/// None    It is something else, or something is wrong: the whole program has to see to
///         it, which starts over. Nothing was written then.
/// Status  kOk; or kIncomplete with prices missing that nobody else could be asked for.
/// Errors  StartError(kIo) if standard output cannot be written.
std::optional<cli::ExitCode> try_quick(std::span<const char* const> arguments);

}  // namespace ltp::get
