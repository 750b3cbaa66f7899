#include "instruments/http_url.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace ltp::instruments {
namespace {

bool takes_prefix(std::string_view& text, std::string_view prefix) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const bool same = text.size() >= prefix.size() &&
                    std::equal(prefix.begin(), prefix.end(), text.begin(),
                               [&](char want, char got) { return want == lower(got); });
  if (same) text.remove_prefix(prefix.size());
  return same;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
  std::uint16_t port = 0;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  if (read.ec != std::errc{} || read.ptr != end || port == 0) return std::nullopt;
  return port;
}

/// "host:port", "host" or "[::1]:port".
bool parse_authority(std::string_view text, HttpUrl& url) {
  if (text.find('@') != std::string_view::npos) return false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return false;
    url.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    url.host = text.substr(0, text.find(':'));
    text.remove_prefix(url.host.size());
  }
  url.port = url.tls ? 443 : 80;
  if (!text.empty()) {
    const auto port = text.starts_with(':') ? parse_port(text.substr(1)) : std::nullopt;
    if (!port) return false;
    url.port = *port;
  }
  return !url.host.empty();
}

}  // namespace

std::string HttpUrl::label() const {
  const bool usual = port == (tls ? 443 : 80);
  const bool v6 = host.find(':') != std::string::npos;
  return cat(tls ? "https://" : "http://", v6 ? "[" : "", host, v6 ? "]" : "",
             usual ? std::string() : cat(":", port), resource.substr(0, resource.find('?')));
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
  const bool odd = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  });
  if (odd) return std::nullopt;
  HttpUrl url;
  url.tls = takes_prefix(text, "https://");
  if (!url.tls && !takes_prefix(text, "http://")) return std::nullopt;
  text = text.substr(0, text.find('#'));
  const auto authority = text.substr(0, text.find_first_of("/?"));
  if (!parse_authority(authority, url)) return std::nullopt;
  text.remove_prefix(authority.size());
  url.resource = cat(text.starts_with('/') ? "" : "/", text);
  return url;
}

std::optional<HttpUrl> parse_location(const HttpUrl& base, std::string_view location) {
  if (location.starts_with("//"))
    return parse_http_url(cat(base.tls ? "https:" : "http:", location));
  if (!location.starts_with('/')) return parse_http_url(location);
  // Only to have its parts checked as those of any other.
  const auto path = parse_http_url(cat("http://host", location));
  if (!path) return std::nullopt;
  auto url = base;
  url.resource = path->resource;
  return url;
}

}  // namespace ltp::instruments
