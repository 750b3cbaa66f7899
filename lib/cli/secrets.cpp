#include "cli/secrets.hpp"

#include <sys/prctl.h>

namespace ltp::cli {

void keep_memory_private() noexcept {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace ltp::cli
