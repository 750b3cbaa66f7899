#pragma once

#include "base/unique_fd.hpp"

#include <string>
#include <string_view>

namespace ltp::feed {

/// One feed per client id and broker on a machine: two would throw each other out (805).
///
/// The lock is a listening socket with an abstract name, which ends with the process
/// however it ends, needs no directory, and tells who holds it. Its name shows neither
/// the client id nor the broker. Containers with networks of their own do not see it.
class AccountLock {
 public:
  /// Throws StartError(kTryLater) that names the process which holds the lock.
  AccountLock(std::string_view client_id, std::string_view broker);

 private:
  UniqueFd socket_;
};

}  // namespace ltp::feed
