#include "gate.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace ltp::sim {
namespace {

constexpr std::size_t kMostExpired = 1000;

}  // namespace

Gate::Gate(Settings settings) : settings_(std::move(settings)) {
  if (!settings_.token_file.empty() && present_token().empty())
    throw StartError(Fault::kNoInput, cat("cannot read a token from ", settings_.token_file, " (",
                                          std::strerror(errno), ")"));
}

std::string Gate::present_token() const {
  if (settings_.token_file.empty()) return {};
  errno = 0;
  std::ifstream file(settings_.token_file);
  std::string token;
  std::getline(file, token);
  return std::string(trim(token));
}

bool Gate::admits(const std::string& client_id, const std::string& token) const {
  // The profile is asked for without a client id: the token tells whose it is.
  if (!settings_.client_id.empty() && !client_id.empty() && client_id != settings_.client_id)
    return false;
  if (token.empty() || expired_.contains(token)) return false;
  return settings_.token_file.empty() || token == present_token();
}

bool Gate::expire(const std::string& token) {
  if (expired_.size() == kMostExpired && !expired_.contains(token)) return false;
  expired_.insert(token);
  return true;
}

}  // namespace ltp::sim
