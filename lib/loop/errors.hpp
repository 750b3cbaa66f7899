#pragma once

#include "base/text.hpp"

#include <chrono>
#include <string>
#include <system_error>

/// The words of this room for what goes wrong, as parts of a sentence.
namespace ltp::loop {

/// ECONNREFUSED: "Connection refused".
inline std::string error_text(int error) {
  return std::generic_category().message(error);
}

/// "no answer within 5 s", "no answer within 250 ms".
inline std::string no_answer_within(std::chrono::milliseconds time) {
  const auto ms = time.count();
  return ms % 1000 == 0 ? cat("no answer within ", ms / 1000, " s")
                        : cat("no answer within ", ms, " ms");
}

}  // namespace ltp::loop
