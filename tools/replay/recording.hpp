#pragma once

#include "base/unique_fd.hpp"

#include <string>

namespace ltp::replay {

/// Opens what is to be played; "-" is standard input. Throws StartError(kNoInput) with
/// the file's name and the reason.
UniqueFd open_recording(const std::string& path);

/// Whether what is written to standard output would come to lie in this very file.
bool is_standard_output(int fd);

/// The name of it in a message: the path, or "standard input".
std::string name_of(const std::string& path);

}  // namespace ltp::replay
