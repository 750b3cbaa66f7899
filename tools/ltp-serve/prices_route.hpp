#pragma once

#include "loop/loop.hpp"
#include "net/server.hpp"
#include "prices_source.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ltp::serve {

/// /api/v1/current_prices: GET, HEAD, POST and OPTIONS, now or when the source knows.
///
/// 400   what is asked makes no sense; 405 another method; 503 nothing can be known now.
/// 304   to GET and HEAD with the ETag of the same prices; it does not cover the time
///       in the answer, and so is a weak one. None with detail, where ages always change.
/// Same  Requests for the same that come in one turn of the loop, as pages that poll the
///       same list do, are one question to the source and one answer.
class PricesRoute {
 public:
  /// Both have to outlive this.
  PricesRoute(loop::Loop& loop, PricesSource& source);
  ~PricesRoute();
  PricesRoute(const PricesRoute&) = delete;
  PricesRoute& operator=(const PricesRoute&) = delete;

  void answer(const net::Request& request, const net::Responder& respond);

 private:
  struct Flight;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  loop::Loop& loop_;
  PricesSource& source_;
  std::string text_;  // of the request at hand
  // Those of this turn, by the text of their request.
  std::unordered_map<std::string, std::shared_ptr<Flight>, Hash, std::equal_to<>> flights_;
  std::shared_ptr<const int> alive_;
};

}  // namespace ltp::serve
