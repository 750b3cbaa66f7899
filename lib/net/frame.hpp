#pragma once

#include <cstddef>
#include <string>

namespace ltp::net {

/// Appends the head of a whole, unmasked text frame whose payload of `size` bytes is
/// appended next: how a server frames a message once for many peers (RFC 6455, 5.2).
void append_text_frame_head(std::string& out, std::size_t size);

}  // namespace ltp::net
