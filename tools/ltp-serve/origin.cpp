#include "origin.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>

namespace ltp::serve {
namespace {

constexpr std::string_view kEverybody = "*";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// What stands behind "http://" or "https://"; empty if there is neither.
std::string_view authority_of(std::string_view origin) noexcept {
  for (const std::string_view scheme : {"https://", "http://"})
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
  return {};
}

bool is_pattern(std::string_view text) noexcept {
  auto authority = authority_of(text);
  if (authority.starts_with("*.")) authority.remove_prefix(2);
  return !authority.empty() && std::all_of(authority.begin(), authority.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']' || c == '_';
  });
}

bool matches(std::string_view pattern, std::string_view origin) noexcept {
  const auto star = pattern.find("*.");
  if (star == std::string_view::npos) return pattern == origin;
  const auto scheme = pattern.substr(0, star);
  const auto domain = pattern.substr(star + 1);  // ".example.com"
  // Something has to stand for the star, and only names can.
  return origin.starts_with(scheme) && origin.ends_with(domain) &&
         origin.size() > scheme.size() + domain.size() &&
         origin.substr(scheme.size()).find('/') == std::string_view::npos;
}

bool is_this_machine(std::string_view authority) noexcept {
  const auto name = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                               : authority.substr(0, authority.find(':'));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace

Result<OriginList, std::string> OriginList::parse(std::span<const std::string> texts) {
  OriginList list;
  for (const auto& text : texts) {
    auto pattern = lower(trim(text));
    if (pattern != kEverybody && !is_pattern(pattern))
      return cat("'", printable(text),
                 "' is no origin, such as https://example.com, https://*.example.com or *");
    list.patterns_.push_back(std::move(pattern));
  }
  return list;
}

bool OriginList::everybody() const noexcept {
  return std::find(patterns_.begin(), patterns_.end(), kEverybody) != patterns_.end();
}

bool OriginList::has(std::string_view origin) const noexcept {
  return everybody() ||
         std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return matches(pattern, origin); });
}

bool origin_allowed(const OriginList& list, std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  const auto text = lower(origin);
  const auto authority = authority_of(text);
  if (authority.empty()) return list.everybody();  // "null": a sandboxed page or a file
  return authority == lower(host) || list.has(text) || (list.empty() && is_this_machine(authority));
}

}  // namespace ltp::serve
