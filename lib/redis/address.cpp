#include "redis/address.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace ltp::redis {
namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '%') {
      out.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    const char* digits = text.data() + 1;
    if (text.size() < 3 || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      return {};
    }
    out.push_back(static_cast<char>(byte));
    text.remove_prefix(3);
  }
  return out;
}

/// Whole and in [least, most], else none. Digits only: no sign, no blank.
std::optional<int> number(std::string_view text, int least, int most) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) return {};
  return value;
}

bool has_control_or_blank(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

/// Cuts `text` at the first `mark`: what stands before is returned, `text` keeps what
/// stands behind. Without a mark all of it is returned.
std::string_view cut(std::string_view& text, char mark) {
  const auto before = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(before.size() + 1, text.size()));
  return before;
}

using Problem = std::optional<AddressError>;

Problem problem(const char* text) {
  return AddressError{text};
}

constexpr const char* kBadEscape = "a % is not followed by two hexadecimal digits";
constexpr const char* kBadDb = "the database is not a number from 0 to 65535";

Problem read_db(std::string_view text, Address& address) {
  const auto db = number(text, 0, 65535);
  if (!db) return problem(kBadDb);
  address.db = *db;
  return {};
}

/// Takes "user:password@" off the front. A raw @ in the password is none of the host's.
Problem read_login(std::string_view& authority, Address& address) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  auto password = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  auto user = percent_decoded(cut(password, ':'));
  auto secret = percent_decoded(password);
  if (!user || !secret) return problem(kBadEscape);
  address.user = std::move(*user);
  address.password = std::move(*secret);
  return {};
}

Problem read_host(std::string_view& authority, Address& address) {
  std::string_view host;
  if (authority.starts_with('[')) {
    authority.remove_prefix(1);
    if (authority.find(']') == std::string_view::npos) {
      return problem("the IPv6 address lacks its closing bracket");
    }
    host = cut(authority, ']');
  } else {
    host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(host.size());
  }
  auto decoded = percent_decoded(host);
  if (!decoded) return problem(kBadEscape);
  if (has_control_or_blank(*decoded)) return problem("the host holds a blank or control character");
  if (!decoded->empty()) address.host = std::move(*decoded);
  return {};
}

/// user:password@host:port/db
Problem read_tcp(std::string_view rest, Address& address) {
  if (rest.find('?') != std::string_view::npos) {
    return problem("it has a part after a ?, which only a unix socket's may");
  }
  auto authority = cut(rest, '/');
  if (auto bad = read_login(authority, address)) return bad;
  if (auto bad = read_host(authority, address)) return bad;
  if (!authority.empty()) {
    const auto port = authority[0] == ':' ? number(authority.substr(1), 1, 65535) : std::nullopt;
    if (!port) return problem("the port is not a number from 1 to 65535");
    address.port = static_cast<std::uint16_t>(*port);
  }
  return rest.empty() ? Problem{} : read_db(rest, address);
}

/// user:password@/path?db=N
Problem read_unix(std::string_view rest, Address& address) {
  const auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash == std::string_view::npos) return problem("the socket's path does not begin with /");
  rest.remove_prefix(slash);
  if (auto bad = read_login(authority, address)) return bad;
  if (!authority.empty()) return problem("the socket's path does not begin with /");

  auto path = percent_decoded(cut(rest, '?'));
  if (!path) return problem(kBadEscape);
  if (path->find('\0') != std::string::npos) return problem("the socket's path holds a NUL");
  address.path = std::move(*path);
  if (rest.empty()) return {};
  if (!rest.starts_with("db=")) return problem("after the ? only db=NUMBER may stand");
  return read_db(rest.substr(3), address);
}

}  // namespace

std::string Address::label() const {
  if (!path.empty()) {
    return cat("unix:", printable(path, 200), db == 0 ? "" : cat("?db=", db));
  }
  const bool ipv6 = host.find(':') != std::string::npos;
  const auto name = printable(host, 200);
  return cat(ipv6 ? cat('[', name, ']') : name, ':', port, '/', db);
}

Result<Address, AddressError> parse_address(std::string_view url) {
  const auto separator = url.find("://");
  const auto scheme = url.substr(0, separator);
  if (separator == std::string_view::npos) {
    return AddressError{"it does not begin with redis://, redis+unix:// or unix://"};
  }
  const auto rest = url.substr(separator + 3);
  Address address;
  Problem bad;
  if (scheme == "redis") {
    bad = read_tcp(rest, address);
  } else if (scheme == "redis+unix" || scheme == "unix") {
    bad = read_unix(rest, address);
  } else if (scheme == "rediss") {
    bad = problem("rediss:// (TLS) is not supported yet");
  } else if (scheme == "redis+sentinel") {
    bad = problem("redis+sentinel:// is not supported yet");
  } else {
    bad = problem("it does not begin with redis://, redis+unix:// or unix://");
  }
  if (bad) return *bad;
  return address;
}

}  // namespace ltp::redis
