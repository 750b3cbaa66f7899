#pragma once

#include <string_view>

namespace ltp::cli {

/// Writes all of it to standard output and waits for it to be taken. A reader that has
/// gone has seen enough: no error. StartError(kIo) if it cannot be written.
void print(std::string_view text);

}  // namespace ltp::cli
