#include "cli/print.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ltp::cli {

void print(std::string_view text) {
  while (!text.empty()) {
    const auto taken = ::write(STDOUT_FILENO, text.data(), text.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno == EPIPE) return;
    if (taken < 0)
      throw StartError(Fault::kIo, cat("cannot write to standard output: ", std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
}

}  // namespace ltp::cli
