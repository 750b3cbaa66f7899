#include "net/plain_request.hpp"

#include "base/text.hpp"
#include "net/header_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace ltp::net {
namespace {

enum : std::uint8_t { kInToken = 1, kInPath = 2, kInQuery = 4, kInValue = 8 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&](std::string_view characters, std::uint8_t which) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= which;
  };
  constexpr std::string_view kAlphanumeric =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  add(kAlphanumeric, kInToken | kInPath);
  add("!#$%&'*+-.^_`|~", kInToken);
  add("-._~/", kInPath);
  for (unsigned c = 0x21; c < 0x7f; ++c)
    if (c != '#' && c != ';') classes[c] |= kInQuery;  // ; may part parameters, or may not
  for (unsigned c = 0x20; c < 0x100; ++c)
    if (c != 0x7f) classes[c] |= kInValue;
  add("\t", kInValue);
  return classes;
}();

bool all_of(std::string_view text, std::uint8_t which) noexcept {
  return std::all_of(text.begin(), text.end(), [which](char c) {
    return (kClasses[static_cast<unsigned char>(c)] & which) != 0;
  });
}

struct Field {
  std::string_view name;   // empty: there is no colon
  std::string_view value;  // with the blanks around it
};

/// Takes one off the front, without a look at it.
Field take_field(std::string_view& lines) noexcept {
  const auto line = lines.substr(0, lines.find("\r\n"));
  lines.remove_prefix(std::min(lines.size(), line.size() + 2));
  const auto colon = line.find(':');
  if (colon == line.npos) return {};
  return {line.substr(0, colon), line.substr(colon + 1)};
}

/// False: it is there already, or says nothing.
bool set_once(std::string_view& place, std::string_view value) noexcept {
  return std::exchange(place, value).empty() && !value.empty();
}

/// "http://host:port/path" as a proxy may say it, to what a server is told else.
std::string_view take_authority(std::string_view& target) noexcept {
  constexpr std::string_view kScheme = "http://";
  if (!equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) return {};
  target.remove_prefix(kScheme.size());
  const auto authority = target.substr(0, target.find_first_of("/?"));
  target.remove_prefix(authority.size());
  return authority;
}

/// False: not plain.
bool take_target(PlainRequest& request, std::string_view target) noexcept {
  const auto mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != target.npos) request.query = target.substr(mark + 1);
  if (request.path.empty() && !request.host.empty()) request.path = "/";
  return request.path.starts_with('/') && all_of(request.path, kInPath) &&
         request.path.find("//") == target.npos && request.path.find("/.") == target.npos &&
         all_of(request.query, kInQuery);
}

bool is_old(std::string_view request_line) noexcept {
  return request_line.ends_with(" HTTP/1.0");
}

bool take_request_line(PlainRequest& request, std::string_view line) noexcept {
  request.method = line.substr(0, line.find(' '));
  const auto& method = request.method;
  if (method.size() == line.size() || method.empty() || !all_of(method, kInToken)) return false;
  line.remove_prefix(method.size() + 1);
  auto target = line.substr(0, line.find(' '));
  const auto version = line.substr(target.size());
  request.closes = is_old(line);
  request.host = take_authority(target);
  return (request.closes || version == " HTTP/1.1") && take_target(request, target);
}

bool is_wrong(Field field) noexcept {
  return field.name.empty() || !all_of(field.name, kInToken) || !all_of(field.value, kInValue);
}

/// What a header says of the request's shape; false: not plain.
bool take_header(PlainRequest& request, std::string_view& length, Field field) noexcept {
  const auto name = field.name;
  const auto value = trim(field.value);
  if (equal_ignoring_case(name, "origin")) return set_once(request.origin, value);
  if (equal_ignoring_case(name, "content-type")) return set_once(request.content_type, value);
  if (equal_ignoring_case(name, "accept")) return set_once(request.accept, value);
  if (equal_ignoring_case(name, "content-length")) return set_once(length, value);
  if (equal_ignoring_case(name, "connection"))
    request.closes = request.closes || has_word(value, "close");
  return !equal_ignoring_case(name, "upgrade") && !equal_ignoring_case(name, "expect") &&
         !equal_ignoring_case(name, "transfer-encoding");
}

/// Of a head that is not whole yet: only what may become a plain one is waited for.
Unplain part_of_head(std::string_view bytes) noexcept {
  const auto line = bytes.substr(0, bytes.find("\r\n"));
  PlainRequest request;
  const bool plain = line.size() < bytes.size() ? take_request_line(request, line)
                                                : all_of(line.substr(0, line.find(' ')), kInToken);
  if (!plain || bytes.size() >= PlainRequest::kMostHead) return {};
  return {.kind = Unplain::kPart, .size = bytes.size() + 1};
}

}  // namespace

Result<PlainRequest, Unplain> PlainRequest::read(std::string_view bytes,
                                                 std::size_t max_body) noexcept {
  constexpr Unplain kOther{};
  const auto wrong = [](const char* why) { return Unplain{.kind = Unplain::kWrong, .why = why}; };
  const auto end = bytes.substr(0, kMostHead).find("\r\n\r\n");
  if (end == bytes.npos) return part_of_head(bytes);
  PlainRequest request;
  request.lines = bytes.substr(0, end + 2);
  const auto line = request.lines.substr(0, request.lines.find("\r\n"));
  bool plain = take_request_line(request, line);
  request.lines.remove_prefix(line.size() + 2);
  std::string_view length;
  int hosts = 0;
  for (auto rest = request.lines; !rest.empty();) {
    const auto field = take_field(rest);
    if (is_wrong(field)) return wrong("a header has no name, or a byte that no header has");
    if (equal_ignoring_case(field.name, "host")) {
      ++hosts;
      if (request.host.empty()) request.host = trim(field.value);
    } else {
      plain = take_header(request, length, field) && plain;
    }
  }
  if (hosts > 1) return wrong("there are two hosts");
  if (!plain) return kOther;
  if (hosts == 0 && !is_old(line)) return wrong("there is no host");

  std::size_t body_size = 0;
  const auto [last, error] =
      std::from_chars(length.data(), length.data() + length.size(), body_size);
  const bool is_number = error == std::errc{} && last == length.data() + length.size();
  if (length.empty() ? request.method == "POST" : !is_number) return kOther;
  const auto body = bytes.substr(end + 4);
  if (body_size > max_body) return kOther;
  if (body_size > body.size()) return Unplain{.kind = Unplain::kPart, .size = end + 4 + body_size};
  request.body = body.substr(0, body_size);
  request.size = end + 4 + body_size;
  return request;
}

std::string PlainRequest::header(std::string_view lines, std::string_view name) {
  std::string found;
  while (!lines.empty()) {
    const auto field = take_field(lines);
    if (!equal_ignoring_case(field.name, name)) continue;
    if (!found.empty()) found.append(", ");
    found.append(trim(field.value));
  }
  return found;
}

}  // namespace ltp::net
