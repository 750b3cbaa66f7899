#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::instruments {

/// http://host[:port][/path][?query] or https://…
struct HttpUrl {
  bool tls = false;
  std::string host;        // of an IPv6 address without the brackets
  std::uint16_t port = 0;  // always set
  std::string resource;    // path and query, from the first '/'

  /// For messages: without the query, which may hold a secret.
  std::string label() const;

  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

/// Nothing for another scheme, for a name or password before the host, and for blanks or
/// control characters. What stands behind '#' is dropped.
std::optional<HttpUrl> parse_http_url(std::string_view text);

/// Where a Location header of an answer from `base` points to: a whole URL, one without
/// its scheme, or a path from the root. Nothing for anything else.
std::optional<HttpUrl> parse_location(const HttpUrl& base, std::string_view location);

}  // namespace ltp::instruments
