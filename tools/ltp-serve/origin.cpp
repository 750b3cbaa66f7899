#include "origin.hpp"

namespace ltp::serve {

bool origin_allowed(std::string_view origin, std::string_view host) noexcept {
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;  // "null": a sandboxed page or file
  const auto scheme = origin.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return false;
  const auto authority = origin.substr(scheme_end + 3);
  if (authority == host) return true;
  const auto name = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                               : authority.substr(0, authority.find(':'));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace ltp::serve
