#include "redis/address.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
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

/// host, host:port or [IPv6]:port; what is missing stays as it is in `out`.
Problem read_host(std::string_view text, HostPort& out) {
  std::string_view host;
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    if (text.find(']') == std::string_view::npos) {
      return problem("the IPv6 address lacks its closing bracket");
    }
    host = cut(text, ']');
  } else {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
  }
  auto decoded = percent_decoded(host);
  if (!decoded) return problem(kBadEscape);
  if (has_control_or_blank(*decoded)) return problem("the host holds a blank or control character");
  if (!decoded->empty()) out.host = std::move(*decoded);

  if (text.empty()) return {};
  const auto port = text[0] == ':' ? number(text.substr(1), 1, 65535) : std::nullopt;
  if (!port) return problem("the port is not a number from 1 to 65535");
  out.port = static_cast<std::uint16_t>(*port);
  return {};
}

/// user:password@host:port/db
Problem read_tcp(std::string_view rest, Address& address) {
  auto authority = cut(rest, '/');
  if (auto bad = read_login(authority, address)) return bad;
  HostPort place{address.host, address.port};
  if (auto bad = read_host(authority, place)) return bad;
  address.host = std::move(place.host);
  address.port = place.port;
  return rest.empty() ? Problem{} : read_db(rest, address);
}

/// user:password@/path
Problem read_unix(std::string_view rest, Address& address) {
  const auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash == std::string_view::npos) return problem("the socket's path does not begin with /");
  rest.remove_prefix(slash);
  if (auto bad = read_login(authority, address)) return bad;
  if (!authority.empty()) return problem("the socket's path does not begin with /");

  auto path = percent_decoded(rest);
  if (!path) return problem(kBadEscape);
  if (path->find('\0') != std::string::npos) return problem("the socket's path holds a NUL");
  address.path = std::move(*path);
  return {};
}

/// user:password@host:port,host:port/service/db
Problem read_sentinels(std::string_view rest, Address& address) {
  auto authority = cut(rest, '/');
  if (auto bad = read_login(authority, address)) return bad;
  do {
    HostPort sentinel{{}, 26379};
    if (auto bad = read_host(cut(authority, ','), sentinel)) return bad;
    if (sentinel.host.empty()) return problem("a sentinel's host is missing");
    address.sentinels.push_back(std::move(sentinel));
  } while (!authority.empty());

  auto service = percent_decoded(cut(rest, '/'));
  if (!service) return problem(kBadEscape);
  if (service->empty()) return problem("the master's name is missing: //sentinel/NAME");
  if (has_control_or_blank(*service)) {
    return problem("the master's name holds a blank or control character");
  }
  address.service = std::move(*service);
  return rest.empty() ? Problem{} : read_db(rest, address);
}

/// A scheme, what stands behind it, and what it may hold after the ?.
struct Form {
  std::string_view scheme;
  Problem (*read)(std::string_view rest, Address& address);
  bool tls;
  bool sentinels;
};
constexpr Form kForms[] = {
    {"redis", read_tcp, false, false},
    {"rediss", read_tcp, true, false},
    {"unix", read_unix, false, false},
    {"redis+unix", read_unix, false, false},
    {"redis+sentinel", read_sentinels, false, true},
    {"rediss+sentinel", read_sentinels, true, true},
};

/// Where the value of that name goes, if this form has one.
std::string* place_of(std::string_view name, const Form& form, Address& address) {
  if (name == "client_name") return &address.client_name;
  if (form.tls && name == "ca") return &address.tls->ca_file;
  if (form.tls && name == "cert") return &address.tls->cert_file;
  if (form.tls && name == "key") return &address.tls->key_file;
  if (form.sentinels && name == "sentinel_user") return &address.sentinel_user;
  if (form.sentinels && name == "sentinel_password") return &address.sentinel_password;
  return nullptr;
}

Problem unknown_name(const Form& form) {
  return AddressError{cat("after the ? only db", form.tls ? ", ca, cert, key" : "",
                          form.sentinels ? ", sentinel_user, sentinel_password" : "",
                          " and client_name may stand, each once and with a value")};
}

/// name=value&name=value
Problem read_settings(std::string_view query, const Form& form, Address& address) {
  bool db_is_known = false;
  while (!query.empty()) {
    auto setting = cut(query, '&');
    const auto name = cut(setting, '=');
    if (setting.empty()) return unknown_name(form);
    if (name == "db") {
      if (std::exchange(db_is_known, true) || address.db != 0) return unknown_name(form);
      if (auto bad = read_db(setting, address)) return bad;
      continue;
    }
    auto* place = place_of(name, form, address);
    if (place == nullptr || !place->empty()) return unknown_name(form);
    auto value = percent_decoded(setting);
    if (!value) return problem(kBadEscape);
    if (value->find('\0') != std::string::npos) return problem("after the ? there is a NUL");
    *place = std::move(*value);
  }
  if (has_control_or_blank(address.client_name)) {
    return problem("client_name holds a blank or control character");
  }
  if (!address.tls) return {};
  auto& [ca, cert, key] = *address.tls;
  if (cert.empty() && !key.empty()) return problem("there is a key without a cert");
  if (key.empty()) key = cert;
  return {};
}

}  // namespace

std::string HostPort::label() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  const auto name = printable(host, 200);
  return cat(ipv6 ? cat('[', name, ']') : name, ':', port);
}

std::string Address::label() const {
  const auto* over = tls ? " over TLS" : "";
  if (!path.empty()) {
    return cat("unix:", printable(path, 200), db == 0 ? "" : cat("?db=", db));
  }
  if (sentinels.empty()) return cat(HostPort{host, port}.label(), '/', db, over);
  std::string names;
  for (const auto& one : sentinels) names += cat(names.empty() ? "" : ", ", one.label());
  return cat(printable(service, 200), '/', db, " by sentinels ", printable(names, 400), over);
}

Result<Address, AddressError> parse_address(std::string_view url) {
  const auto separator = url.find("://");
  const auto scheme = url.substr(0, separator);
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                  [&](const Form& one) { return one.scheme == scheme; });
  if (separator == std::string_view::npos || form == std::end(kForms)) {
    return AddressError{
        "it does not begin with redis://, rediss://, unix://, redis+unix://, redis+sentinel:// "
        "or rediss+sentinel://"};
  }
  auto rest = url.substr(separator + 3);
  const auto before = cut(rest, '?');
  Address address;
  if (form->tls) address.tls.emplace();
  if (auto bad = form->read(before, address)) return *bad;
  if (auto bad = read_settings(rest, *form, address)) return *bad;
  return address;
}

}  // namespace ltp::redis
