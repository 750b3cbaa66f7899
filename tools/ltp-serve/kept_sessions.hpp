#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::serve {

/// The subscriptions of AnyCable clients that went away, for those who come back with
/// their session's id.
///
/// Open   A client may be back before its old connection is seen to have gone: a laptop that
///        wakes up in another network. Then the old one gives its session up.
/// Bound  For kLife_ms, and at most kBytes in all: the oldest go first.
class KeptSessions {
 public:
  static constexpr std::int64_t kLife_ms = 300'000;  // AnyCable's own default
  static constexpr std::size_t kBytes = 16 << 20;

  KeptSessions();

  /// A new session's id, which nobody can guess.
  static std::string new_id();
  /// Tells this run's offsets from those of another.
  const std::string& epoch() const noexcept { return epoch_; }

  /// A session that lives. `give_up` keeps it, and ends it where it is; it is called at most
  /// once, until close().
  void open(const std::string& id, std::function<void()> give_up);
  void close(const std::string& id);
  void keep(std::string id, std::vector<std::string> identifiers, std::int64_t now_ms);
  /// What was kept, or is given up for it, once.
  std::optional<std::vector<std::string>> take(const std::string& id, std::int64_t now_ms);

 private:
  struct Kept {
    std::string id;
    std::vector<std::string> identifiers;
    std::int64_t until_ms;
    std::size_t bytes;
  };
  void drop(std::list<Kept>::iterator kept);

  std::string epoch_;
  std::unordered_map<std::string, std::function<void()>> open_;
  std::list<Kept> by_age_;
  std::unordered_map<std::string, std::list<Kept>::iterator> by_id_;
  std::size_t bytes_ = 0;
};

}  // namespace ltp::serve
