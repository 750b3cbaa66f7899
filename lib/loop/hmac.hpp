#pragma once

#include <string>
#include <string_view>

namespace ltp::loop {

/// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// Takes the same time wherever two texts of one length differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace ltp::loop
