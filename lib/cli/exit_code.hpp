#pragma once

#include "base/fault.hpp"

namespace ltp::cli {

/// The one table of exit statuses, documented in ltp(7).
enum class ExitCode : int {
  kOk = 0,
  kIncomplete = 1,  // the answer is not whole: a price is missing
  kUsage = 64,
  kBadInput = 65,
  kNoInput = 66,
  kUnavailable = 69,  // Redis or broker, after the allowed tries
  kBug = 70,
  kIo = 74,
  kTryLater = 75,
  kProtocol = 76,
  kRefused = 77,
  kConfig = 78,
};

ExitCode exit_code(Fault fault) noexcept;

}  // namespace ltp::cli
