#pragma once

#include <cstdint>
#include <string_view>

namespace ltp::redis {

/// What kind of trouble an error reply tells of.
enum class ReplyFault : std::uint8_t {
  // Of the server: no command works there now, or no write ever will. Client gives such a
  // connection up by itself (see there), so its owner never gets one of these.
  kBusy,            // LOADING, BUSY (a script runs), MASTERDOWN: it will pass
  kReplica,         // READONLY: a replica takes no writes
  kLogin,           // NOAUTH, WRONGPASS
  kTooManyClients,  // ERR max number of clients reached

  // Of the command, or of all writes: what to do is the owner's decision.
  kMemory,      // OOM: over maxmemory; PUBLISH works on
  kPermission,  // NOPERM: this user may not do this, or not to this key or channel
  kDisk,        // MISCONF: writes are refused until a snapshot succeeds
  kReplicas,    // NOREPLICAS: writes are refused until enough replicas are linked
  kCluster,     // MOVED, ASK, CLUSTERDOWN, CROSSSLOT: a Redis Cluster
  kOther,       // ERR, WRONGTYPE…: it would be refused again
};

/// By the first word of the error, which Redis keeps stable ("OOM command not allowed
/// when used memory > 'maxmemory'.").
ReplyFault classify(std::string_view error) noexcept;

/// Whether it speaks of the server, not of what was asked: the first group above.
constexpr bool is_of_server(ReplyFault fault) noexcept {
  return fault <= ReplyFault::kTooManyClients;
}

}  // namespace ltp::redis
