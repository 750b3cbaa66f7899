#pragma once

#include "gate.hpp"
#include "market.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace ltp::sim {

/// The REST quotes and the profile, with the broker's shapes, errors and its limit of one
/// quote request a second per client id.
class Rest {
 public:
  Rest(Market& market, Gate& gate) : market_(market), gate_(gate) {}

  net::Response answer(const net::Request& request, std::int64_t now_s, std::int64_t now_ms);

 private:
  enum class Detail { kLtp, kOhlc, kQuote };
  net::Response quotes(const net::Request& request, Detail detail, const std::string& client_id,
                       std::int64_t now_s, std::int64_t now_ms);
  net::Response profile(const std::string& client_id, std::int64_t now_s) const;

  Market& market_;
  Gate& gate_;
  std::unordered_map<std::string, std::int64_t> asked_ms_;  // by client id
};

}  // namespace ltp::sim
