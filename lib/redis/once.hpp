#pragma once

#include "redis/address.hpp"
#include "redis/reply.hpp"

#include <functional>
#include <span>
#include <string_view>

namespace ltp::redis {

/// Asks one thing of Redis over a connection of its own, without a loop: for a program that
/// lives for as long as the answer takes. The time of the caller stops meanwhile, at most
/// two seconds for each step.
///
/// False   There is no answer, or the address needs more than this can: TLS, sentinels.
///         Nothing says why; Client would. `on_reply` may have been called or not.
bool ask_once(const Address& address, std::span<const std::string_view> words,
              const std::function<void(const Reply& reply)>& on_reply);

}  // namespace ltp::redis
