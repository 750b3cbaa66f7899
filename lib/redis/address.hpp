#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ltp::redis {

/// Where a Redis is and how to log in.
///
/// Forms   redis://[user][:password@]host[:port][/db]      port 6379, db 0
///         redis+unix:///path[?db=N], unix:///path[?db=N]   user and password as above
///         Percent escapes are decoded. An IPv6 host stands in brackets.
/// Secret  The password leaves through no text made here; label() is for people.
struct Address {
  std::string host = "localhost";
  std::uint16_t port = 6379;
  std::string path;  // set: a unix socket, host and port do not count
  std::string user;
  std::string password;
  int db = 0;

  /// "localhost:6379/0", "unix:/run/redis.sock".
  std::string label() const;
};

/// Why a URL is none, as a sentence part that never holds the URL itself:
/// "the port is not a number from 1 to 65535".
struct AddressError {
  std::string text;
};

Result<Address, AddressError> parse_address(std::string_view url);

}  // namespace ltp::redis
