#include "client_token.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "loop/hmac.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::int64_t kClocksDiffer_s = 5;

/// RFC 4648 with the alphabet for URLs, without padding. Of one text there is one form.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<unsigned>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<unsigned>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0') + 52;
    } else if (c == '-' || c == '_') {
      value = c == '-' ? 62 : 63;
    } else {
      return std::nullopt;
    }
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xff));
    }
  }
  const bool is_whole = count < 6 && (bits & ((1u << count) - 1)) == 0;
  return is_whole ? std::optional(out) : std::nullopt;
}

Json decode_json(std::string_view text) {
  const auto bytes = decode(text);
  return bytes ? parse_json(*bytes) : Json();
}

/// A NumericDate: seconds since 1970, perhaps with a fraction.
std::optional<double> number(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const auto value = found->get<double>();
  constexpr double kYear9999 = 253'402'300'799.0;
  return std::isfinite(value) && value >= 0 && value <= kYear9999 ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

ClientTokens::ClientTokens(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

Result<std::int64_t, std::string> ClientTokens::check(std::string_view token,
                                                      std::int64_t now_s) const {
  if (token.empty()) return std::string("a token is needed");
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > kLongest || first == std::string_view::npos || first == last)
    return std::string("that is no token");
  if (!is_signed(token.substr(0, last), token.substr(last + 1)))
    return std::string("the token is not signed by whom we trust");
  const auto header = decode_json(token.substr(0, first));
  if (!header.is_object() || header.value("alg", Json()) != "HS256" || header.contains("crit"))
    return std::string("the token is not of the kind HS256");
  const auto claims = decode_json(token.substr(first + 1, last - first - 1));
  const auto ends = claims.is_object() ? number(claims, "exp") : std::nullopt;
  if (!ends) return std::string("the token does not say when it expires");
  if (*ends <= static_cast<double>(now_s)) return std::string("the token has expired");
  if (claims.contains("nbf")) {
    const auto begins = number(claims, "nbf");
    if (!begins || *begins > static_cast<double>(now_s + kClocksDiffer_s))
      return std::string("the token is not valid yet");
  }
  return static_cast<std::int64_t>(*ends);
}

bool ClientTokens::is_signed(std::string_view text, std::string_view signature) const {
  const auto bytes = decode(signature);
  bool good = false;
  for (const auto& secret : secrets_)  // all of them: which one it was is nobody's business
    good |= bytes && loop::equal_in_constant_time(loop::hmac_sha256(secret, text), *bytes);
  return good;
}

Result<std::vector<std::string>, std::string> read_secrets(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return cat("cannot read the client secrets in ", path, " (", std::strerror(errno), ")");
  std::vector<std::string> secrets;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const auto secret = trim(line);
    if (secret.empty() || secret.starts_with('#')) continue;
    if (secret.size() < ClientTokens::kShortestSecret)
      return cat("line ", number, " of ", path, " is too short for a secret; it has to have ",
                 ClientTokens::kShortestSecret, " bytes");
    secrets.emplace_back(secret);
  }
  if (secrets.empty()) return cat("there is no client secret in ", path);
  return secrets;
}

}  // namespace ltp::serve
