#include "redis/reply_fault.hpp"

#include <catch2/catch.hpp>

using namespace ltp::redis;

TEST_CASE("classify knows an error by its first word", "[reply_fault]") {
  struct Case {
    const char* error;
    ReplyFault fault;
    bool of_server;
  };
  const auto c = GENERATE(values<Case>({
      {"LOADING Redis is loading the dataset in memory", ReplyFault::kBusy, true},
      {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
       ReplyFault::kBusy, true},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
       ReplyFault::kBusy, true},
      {"READONLY You can't write against a read only replica.", ReplyFault::kReplica, true},
      {"NOAUTH Authentication required.", ReplyFault::kLogin, true},
      {"WRONGPASS invalid username-password pair or user is disabled.", ReplyFault::kLogin, true},
      {"ERR max number of clients reached", ReplyFault::kTooManyClients, true},
      {"OOM command not allowed when used memory > 'maxmemory'.", ReplyFault::kMemory, false},
      {"NOPERM this user has no permissions to run the 'setex' command", ReplyFault::kPermission,
       false},
      {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist",
       ReplyFault::kDisk, false},
      {"NOREPLICAS Not enough good replicas to write.", ReplyFault::kReplicas, false},
      {"MOVED 3999 127.0.0.1:6381", ReplyFault::kCluster, false},
      {"ASK 3999 127.0.0.1:6381", ReplyFault::kCluster, false},
      {"CLUSTERDOWN Hash slot not served", ReplyFault::kCluster, false},
      {"CROSSSLOT Keys in request don't hash to the same slot", ReplyFault::kCluster, false},
      {"ERR syntax error", ReplyFault::kOther, false},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", ReplyFault::kOther,
       false},
      {"BUSYKEY Target key name already exists.", ReplyFault::kOther, false},
      {"OOM", ReplyFault::kMemory, false},
      {"", ReplyFault::kOther, false},
  }));
  INFO(c.error);
  CHECK(classify(c.error) == c.fault);
  CHECK(is_of_server(classify(c.error)) == c.of_server);
}
