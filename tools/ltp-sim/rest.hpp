#pragma once

#include "command.hpp"
#include "gate.hpp"
#include "market.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ltp::sim {

/// The REST quotes and the profile, with the broker's shapes, errors and its limit of one
/// quote request a second per client id.
class Rest {
 public:
  Rest(Market& market, Gate& gate) : market_(market), gate_(gate) {}

  net::Response answer(const net::Request& request, std::int64_t now_s, std::int64_t now_ms);
  static bool is_quotes(std::string_view path) noexcept {
    return path.starts_with("/v2/marketfeed/");
  }

  /// What came to the quotes of those who were let in.
  struct Asked {
    std::uint64_t requests = 0;  // those too soon among them
    std::uint64_t too_soon = 0;
    std::uint64_t ids = 0;
    std::set<Instrument> distinct;  // at most kMaxDistinct of them
    std::size_t most_ids_in_a_request = 0;
    std::optional<std::int64_t> least_gap_ms;  // between two requests, whoever asked
    std::optional<std::int64_t> last_ms;
  };
  const Asked& asked() const noexcept { return asked_; }

 private:
  enum class Detail { kLtp, kOhlc, kQuote };
  net::Response quotes(const net::Request& request, Detail detail, const std::string& client_id,
                       std::int64_t now_s, std::int64_t now_ms);
  net::Response profile(const std::string& client_id, std::int64_t now_s) const;

  static constexpr std::size_t kMaxDistinct = 1'000'000;
  void note(std::int64_t now_ms);

  Market& market_;
  Gate& gate_;
  std::unordered_map<std::string, std::int64_t> asked_ms_;  // by client id
  Asked asked_;
};

/// Makes of a good answer to quotes what `told` says; when it comes is not decided here.
void spoil(net::Response& response, const command::Quotes& told);

}  // namespace ltp::sim
