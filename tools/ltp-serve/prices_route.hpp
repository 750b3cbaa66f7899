#pragma once

#include "net/server.hpp"
#include "prices_source.hpp"

namespace ltp::serve {

/// /api/v1/current_prices: GET, HEAD, POST and OPTIONS, now or when the source knows.
///
/// 400   what is asked makes no sense; 405 another method; 503 nothing can be known now.
/// 304   to GET and HEAD with the ETag of the same prices; it does not cover the time
///       in the answer, and so is a weak one. None with detail, where ages always change.
void answer_prices(PricesSource& source, const net::Request& request,
                   const net::Responder& respond);

}  // namespace ltp::serve
