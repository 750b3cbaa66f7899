#pragma once

#include "loop/loop.hpp"
#include "options.hpp"
#include "quotes/quotes.hpp"

#include <memory>
#include <string>

namespace ltp::redis {
class Client;
}

namespace ltp::serve {

/// The broker as the last one to ask for prices.
struct Broker {
  std::unique_ptr<quotes::Quotes> quotes;  // none: it is not asked
  std::string why_none;                    // for a person; empty if that is as told
};

/// None by --no-broker, or if there are no credentials. StartError if they were named and
/// cannot be read.
Broker make_broker(loop::Loop& loop, const Options& options, redis::Client* redis);

}  // namespace ltp::serve
