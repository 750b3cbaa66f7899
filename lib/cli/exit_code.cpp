#include "cli/exit_code.hpp"

namespace ltp::cli {

ExitCode exit_code(Fault fault) noexcept {
  switch (fault) {
    case Fault::kUsage: return ExitCode::kUsage;
    case Fault::kBadInput: return ExitCode::kBadInput;
    case Fault::kNoInput: return ExitCode::kNoInput;
    case Fault::kUnavailable: return ExitCode::kUnavailable;
    case Fault::kBug: return ExitCode::kBug;
    case Fault::kIo: return ExitCode::kIo;
    case Fault::kTryLater: return ExitCode::kTryLater;
    case Fault::kProtocol: return ExitCode::kProtocol;
    case Fault::kRefused: return ExitCode::kRefused;
    case Fault::kConfig: return ExitCode::kConfig;
  }
  return ExitCode::kBug;
}

}  // namespace ltp::cli
