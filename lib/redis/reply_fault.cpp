#include "redis/reply_fault.hpp"

namespace ltp::redis {

ReplyFault classify(std::string_view error) noexcept {
  struct Known {
    std::string_view word;
    ReplyFault fault;
  };
  static constexpr Known kKnown[] = {
      {"LOADING", ReplyFault::kBusy},        {"BUSY", ReplyFault::kBusy},
      {"MASTERDOWN", ReplyFault::kBusy},     {"READONLY", ReplyFault::kReplica},
      {"NOAUTH", ReplyFault::kLogin},        {"WRONGPASS", ReplyFault::kLogin},
      {"OOM", ReplyFault::kMemory},          {"NOPERM", ReplyFault::kPermission},
      {"MISCONF", ReplyFault::kDisk},        {"NOREPLICAS", ReplyFault::kReplicas},
      {"MOVED", ReplyFault::kCluster},       {"ASK", ReplyFault::kCluster},
      {"CLUSTERDOWN", ReplyFault::kCluster}, {"CROSSSLOT", ReplyFault::kCluster},
  };
  const auto word = error.substr(0, error.find(' '));
  for (const auto& known : kKnown)
    if (word == known.word) return known.fault;
  if (error.starts_with("ERR max number of clients")) return ReplyFault::kTooManyClients;
  return ReplyFault::kOther;
}

}  // namespace ltp::redis
