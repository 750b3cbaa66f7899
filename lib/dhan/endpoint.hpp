#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ltp::dhan {

inline constexpr std::string_view kLiveFeedUrl = "wss://api-feed.dhan.co";

/// Who asks. Kept out of every text that leaves the process but the request itself.
struct Credentials {
  std::string client_id;
  std::string token;
};

/// The feed's address taken apart, with the secret kept where it cannot be printed by
/// accident: only resource() holds it.
class Endpoint {
 public:
  bool tls() const noexcept { return tls_; }
  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }

  /// "/?version=2&token=…&clientId=…&authType=2": for the handshake and nothing else.
  std::string resource(const Credentials& credentials) const;

  /// For people: "wss://api-feed.dhan.co". No path, no query, no user part.
  std::string label() const;

  /// True for the broker's own hosts (dhan.co and below it).
  bool is_live_broker() const noexcept;

 private:
  friend struct EndpointParser;
  bool tls_ = true;
  std::string host_;
  std::uint16_t port_ = 443;
  std::string path_ = "/";
  std::string query_;  // what the URL had of its own, without the four that we set
};

/// "the scheme is not ws or wss"; never holds the URL.
struct EndpointError {
  std::string text;
};

/// ws:// or wss:// with host, optional port, path and query. The four parameters of the
/// feed are set afresh by resource(), whatever the URL has.
Result<Endpoint, EndpointError> parse_endpoint(std::string_view url);

/// Percent-encodes all but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);

}  // namespace ltp::dhan
