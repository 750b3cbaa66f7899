#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// Whose pages may talk to us: "https://example.com", with a port if it is not the scheme's
/// own, "https://*.example.com" for all its subdomains, or "*" for everybody's.
class OriginList {
 public:
  OriginList() = default;
  /// The error names the first that is none of these.
  static Result<OriginList, std::string> parse(std::span<const std::string> texts);

  bool empty() const noexcept { return patterns_.empty(); }
  bool everybody() const noexcept;
  bool has(std::string_view origin) const noexcept;

 private:
  std::vector<std::string> patterns_;  // in lower case
};

/// Whether a WebSocket may be opened: for a page of the same host, for one of the list, or,
/// if there is no list, for one of this very machine; and for a client that names no
/// origin, which is no browser.
bool origin_allowed(const OriginList& list, std::string_view origin, std::string_view host);

}  // namespace ltp::serve
