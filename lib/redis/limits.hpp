#pragma once

#include "loop/loop.hpp"

#include <cstddef>

namespace ltp::redis {

/// How long is waited for what, and how much may wait. The defaults are those that ltp(7)
/// tells; tests have shorter ones.
struct Limits {
  loop::Ms connect{5000};  // name, TCP and TLS together
  /// Without a byte: dead if an answer is awaited, else time for a ping.
  loop::Ms silence{5000};
  /// Between two questions to a master whether it still is one, and for the answer:
  /// together the 5 s for which a demoted one may be written to.
  loop::Ms role_every{2000};
  loop::Ms role_answer{3000};
  loop::Ms sentinel{2000};  // as `connect` and `silence`, for a sentinel
  loop::Ms first_retry{100};
  loop::Ms last_retry{800};  // data flows again within 1 s of a return
  /// Bytes of commands that Redis has not taken yet.
  std::size_t unsent = std::size_t{64} << 20;
};

}  // namespace ltp::redis
