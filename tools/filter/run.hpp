#pragma once

#include "cli/exit_code.hpp"
#include "filter/outbox.hpp"
#include "filter/plan.hpp"

namespace ltp::filter {

/// Runs a filter from standard input to standard output until the input ends, a signal
/// comes or the reader has gone.
///
/// End     What was read is written and answered by Redis first. Redis gets 5 s for it;
///         the reader, as in any pipe, as long as it likes, but after TERM or INT 5 s
///         as well. A second signal ends at once.
/// Status  kOk; kUnavailable if Redis lacks the latest of an instrument; kIo if reading
///         or writing failed; kBadInput if the plan is strict and a line was no good. The
///         first of these that happened. A reader that has gone is kOk.
/// Errors  StartError if standard input is a terminal, or a standard stream is closed.
cli::ExitCode run(const Plan& plan, Outbox::Words words);

}  // namespace ltp::filter
