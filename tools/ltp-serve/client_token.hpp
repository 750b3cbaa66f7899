#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// Tokens by which clients are let in: JSON web tokens (RFC 7519), signed with HMAC-SHA256
/// (HS256) by whoever shares one of our secrets.
///
/// Checks  The signature first, in constant time, then `exp`, which has to be there, and
///         `nbf`. Any other algorithm, "none" too, is refused.
/// Secret  No text of this class holds a token or a secret.
class ClientTokens {
 public:
  static constexpr std::size_t kLongest = 4096;
  static constexpr std::size_t kShortestSecret = 16;

  /// Each secret counts: the old and the new one while they are being changed.
  explicit ClientTokens(std::vector<std::string> secrets);

  /// When the token ends, in seconds since 1970; or what is wrong with it: "the token has
  /// expired".
  Result<std::int64_t, std::string> check(std::string_view token, std::int64_t now_s) const;

 private:
  bool is_signed(std::string_view text, std::string_view signature) const;

  std::vector<std::string> secrets_;
};

/// The secrets in a file, one a line; lines that are empty or begin with # do not count. The
/// error is a sentence: the file cannot be read, or a secret is too short to be one.
Result<std::vector<std::string>, std::string> read_secrets(const std::string& path);

}  // namespace ltp::serve
