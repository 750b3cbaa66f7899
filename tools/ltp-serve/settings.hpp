#pragma once

#include "admission.hpp"
#include "options.hpp"

namespace ltp::serve {

/// What SIGHUP changes while we run.
struct Settings {
  Admission admission;
  Limits limits;
  net::ServerLimits connections;
  std::size_t max_message = 0;
};

/// Reads the files that the options name. Throws StartError with a sentence.
Settings make_settings(const Options& options);

}  // namespace ltp::serve
