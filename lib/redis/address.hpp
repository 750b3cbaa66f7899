#pragma once

#include "base/result.hpp"
#include "loop/stream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::redis {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
  /// "cache:6379", "[::1]:6379".
  std::string label() const;
};

/// Where a Redis is and how to log in.
///
/// Forms   redis://[user][:password@]host[:port][/db]          port 6379, db 0
///         rediss://…                                          the same over TLS
///         redis+unix:///path, unix:///path                    user and password as above
///         redis+sentinel://…host[:port],…/service[/db]        port 26379
///         rediss+sentinel://…                                 TLS to sentinels and Redis
///         Percent escapes are decoded. An IPv6 host stands in brackets.
/// More    ?name=value&…: db; client_name; with TLS ca, cert, key (PEM files; cert may hold
///         the key); with sentinels sentinel_user, sentinel_password: user and password
///         before the hosts are Redis's.
/// Secret  The passwords leave through no text made here; label() is for people.
struct Address {
  std::string host = "localhost";
  std::uint16_t port = 6379;
  std::string path;  // set: a unix socket, host and port do not count
  std::string user;
  std::string password;
  int db = 0;
  std::string client_name;  // empty: the program's own
  std::optional<loop::TlsOptions> tls;

  std::vector<HostPort> sentinels;  // set: they say where; host, port, path do not count
  std::string service;              // what the sentinels call the master
  std::string sentinel_user;
  std::string sentinel_password;

  /// "localhost:6379/0", "cache:6379/0 over TLS", "unix:/run/redis.sock",
  /// "mymaster/0 by sentinels a:26379, b:26379".
  std::string label() const;
  bool holds_secret() const noexcept { return !password.empty() || !sentinel_password.empty(); }
};

/// Why a URL is none, as a sentence part that never holds the URL itself:
/// "the port is not a number from 1 to 65535".
struct AddressError {
  std::string text;
};

Result<Address, AddressError> parse_address(std::string_view url);

}  // namespace ltp::redis
