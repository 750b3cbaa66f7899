#pragma once

#include <string_view>

namespace ltp::serve {

/// Whether a page from `origin` may open a WebSocket here. A page of the same host may,
/// and one on this very machine; a client that is no browser sends none and may.
/// `host` is the Host header of the request.
bool origin_allowed(std::string_view origin, std::string_view host) noexcept;

}  // namespace ltp::serve
