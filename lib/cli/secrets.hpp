#pragma once

namespace ltp::cli {

/// From now on this process leaves no core file, to a path or to a collector, and other
/// processes of the same user cannot read its memory or environment. For programs that
/// hold a token; its price is that a debugger needs root.
void keep_memory_private() noexcept;

}  // namespace ltp::cli
