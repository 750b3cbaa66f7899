#pragma once

#include "client_token.hpp"
#include "net/server.hpp"
#include "origin.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ltp::serve {

/// Who may have prices: from which pages, with which token. It may change while clients are
/// connected; those that are in stay.
struct Admission {
  OriginList origins;                          // of pages that may open WebSockets
  OriginList cors;                             // of pages elsewhere that may read answers
  std::shared_ptr<const ClientTokens> tokens;  // none: nobody needs one

  /// When the client's token ends, INT64_MAX without tokens; or what is wrong with it. It
  /// stands in `Authorization: Bearer`, or in the query as `token` or `jid`.
  Result<std::int64_t, std::string> token_of(const net::Request& request, std::int64_t now_s) const;

  /// What CORS says to the page that asks; nothing to one that may not read.
  net::Headers cors_headers(const net::Request& request) const;
  /// The same, of a preflight, for an answer to OPTIONS.
  bool is_preflight(const net::Request& request) const;
  net::Headers preflight_headers(const std::string& methods) const;
};

}  // namespace ltp::serve
