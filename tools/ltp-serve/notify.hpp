#pragma once

#include <string_view>

namespace ltp::serve {

/// Tells systemd how we stand ("READY=1", "STOPPING=1"), as sd_notify(3) does: by a datagram
/// to the socket that NOTIFY_SOCKET names. Without one, or if it fails, nothing happens.
void notify_supervisor(std::string_view state) noexcept;

}  // namespace ltp::serve
