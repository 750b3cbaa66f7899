#include "dhan/endpoint.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ltp::dhan {
namespace {

// What a host may be made of: label() and the request's Host header hold it as it is.
constexpr std::string_view kNameLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
constexpr std::string_view kIpv6Letters = "0123456789abcdefABCDEF:.";

constexpr std::string_view kOwnParameters[] = {"version", "token", "clientId", "authType"};

/// The query without the parameters that resource() sets.
std::string foreign_parameters(std::string_view query) {
  std::string kept;
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const auto name = part.substr(0, part.find('='));
    bool own = name.empty();
    for (const auto parameter : kOwnParameters) own = own || name == parameter;
    if (!own) kept.append(kept.empty() ? "" : "&").append(part);
  }
  return kept;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// Nothing that could end a request line or a header early.
bool has_odd_bytes(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) return true;
  return false;
}

}  // namespace

struct EndpointParser {
  static Result<Endpoint, EndpointError> parse(std::string_view url) {
    if (has_odd_bytes(url)) return EndpointError{"the URL has blanks or bytes that are not ASCII"};
    Endpoint endpoint;
    if (url.starts_with("wss://")) {
      url.remove_prefix(6);
    } else if (url.starts_with("ws://")) {
      url.remove_prefix(5);
      endpoint.tls_ = false;
      endpoint.port_ = 80;
    } else {
      return EndpointError{"the scheme is not ws:// or wss://"};
    }
    url = url.substr(0, url.find('#'));
    const auto authority = url.substr(0, url.find_first_of("/?"));
    auto rest = url.substr(authority.size());
    if (const auto error = take_authority(endpoint, authority)) return EndpointError{error};

    const auto question = rest.find('?');
    if (question != std::string_view::npos)
      endpoint.query_ = foreign_parameters(rest.substr(question + 1));
    rest = rest.substr(0, question);
    if (!rest.empty()) endpoint.path_ = rest;
    return endpoint;
  }

  /// Null, or what is wrong.
  static const char* take_authority(Endpoint& endpoint, std::string_view authority) {
    if (authority.find('@') != std::string_view::npos)
      return "the URL has a user part; credentials come from the environment";
    std::string_view port;
    if (authority.starts_with('[')) {
      const auto end = authority.find(']');
      if (end == std::string_view::npos) return "the bracket round the address is not closed";
      endpoint.host_ = authority.substr(1, end - 1);
      port = authority.substr(end + 1);
      if (!port.empty() && port[0] != ':') return "what follows the address is no port";
    } else {
      const auto colon = authority.find(':');
      endpoint.host_ = authority.substr(0, colon);
      if (colon != std::string_view::npos) port = authority.substr(colon);
    }
    if (endpoint.host_.empty()) return "the host is missing";
    const auto letters = authority.starts_with('[') ? kIpv6Letters : kNameLetters;
    if (endpoint.host_.find_first_not_of(letters) != std::string::npos)
      return "the host is no name and no address";
    if (!port.empty()) {
      const auto number = parse_port(port.substr(1));
      if (!number) return "the port is not a number from 1 to 65535";
      endpoint.port_ = *number;
    }
    return nullptr;
  }
};

Result<Endpoint, EndpointError> parse_endpoint(std::string_view url) {
  return EndpointParser::parse(url);
}

std::string Endpoint::resource(const Credentials& credentials) const {
  return cat(path_, "?", query_, query_.empty() ? "" : "&",
             "version=2&token=", percent_encode(credentials.token),
             "&clientId=", percent_encode(credentials.client_id), "&authType=2");
}

std::string Endpoint::label() const {
  const bool v6 = host_.find(':') != std::string::npos;
  std::string text = cat(tls_ ? "wss://" : "ws://", v6 ? "[" : "", host_, v6 ? "]" : "");
  if (port_ != (tls_ ? 443 : 80)) text += cat(":", port_);
  return text;
}

bool Endpoint::is_live_broker() const noexcept {
  constexpr std::string_view kDomain = "dhan.co";
  std::string host;
  for (const char c : host_) host.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  if (host.ends_with('.')) host.pop_back();
  return host == kDomain || host.ends_with(cat(".", kDomain));
}

std::string percent_encode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

}  // namespace ltp::dhan
