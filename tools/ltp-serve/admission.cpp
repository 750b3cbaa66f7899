#include "admission.hpp"

#include "base/text.hpp"

#include <cctype>
#include <limits>

namespace ltp::serve {
namespace {

std::string token_in(const net::Request& request) {
  const auto header = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  bool bearer = header.size() > kScheme.size();
  for (std::size_t i = 0; bearer && i < kScheme.size(); ++i)
    bearer = std::tolower(static_cast<unsigned char>(header[i])) == kScheme[i];
  if (bearer) return std::string(trim(std::string_view(header).substr(kScheme.size())));
  if (auto token = net::query_value(request.query, "token")) return *std::move(token);
  return net::query_value(request.query, "jid").value_or("");
}

}  // namespace

Result<std::int64_t, std::string> Admission::token_of(const net::Request& request,
                                                      std::int64_t now_s) const {
  if (!tokens) return std::numeric_limits<std::int64_t>::max();
  return tokens->check(token_in(request), now_s);
}

net::Headers Admission::cors_headers(const net::Request& request) const {
  if (cors.empty()) return {};
  // The answer depends on who asks: no cache may give it to somebody else.
  net::Headers headers{{"vary", "origin"}};
  if (!request.origin.empty() && cors.has(request.origin))
    headers.emplace_back("access-control-allow-origin", std::string(request.origin));
  return headers;
}

bool Admission::is_preflight(const net::Request& request) const {
  return request.method == "OPTIONS" && !request.origin.empty() && cors.has(request.origin) &&
         !request.header("access-control-request-method").empty();
}

net::Headers Admission::preflight_headers(const std::string& methods) const {
  return {{"allow", methods},
          {"access-control-allow-methods", methods},
          {"access-control-allow-headers",
           "authorization, content-type, last-event-id, x-requested-with, x-csrf-token"},
          {"access-control-max-age", "600"}};
}

}  // namespace ltp::serve
