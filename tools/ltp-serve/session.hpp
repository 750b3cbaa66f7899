#pragma once

#include "hub.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// Which words a WebSocket client speaks; the tag of its upgrade.
enum class Dialect : int { kActionCable = 1, kPlain = 2 };

/// One WebSocket client: its words, and the way from the hub to its socket.
///
/// Slow    While the socket holds bytes, nothing is given to it; the hub keeps this
///         client's place. When it takes again the hub goes on from there.
/// Hostile More than kMaxBad frames that mean nothing, or more than kMaxIdentifiers
///         subscriptions, and the client is sent away (1008).
class Session : private Sink {
 public:
  static constexpr int kMaxBad = 100;
  static constexpr std::size_t kMaxIdentifiers = 32;

  /// `filter` is what a plain client named in its URL; ActionCable asks later.
  Session(Hub& hub, net::WsPeer& peer, Filter filter);

  void on_message(std::string_view message, bool binary);
  void on_writable();

  /// ActionCable's sign of life, each 3 s.
  void beat(std::int64_t unix_s);
  /// The server goes down: says so in the client's words, then closes.
  void go_away();

  Dialect dialect() const noexcept { return static_cast<Dialect>(peer_.tag()); }

 private:
  struct Channel {
    std::string identifier;
    std::unique_ptr<Subscription> subscription;
  };

  bool write(std::string_view frames) override;
  void on_command(std::string_view message);
  void subscribe(const std::string& identifier);
  void unsubscribe(const std::string& identifier);
  void on_bad();

  Hub& hub_;
  net::WsPeer& peer_;
  std::vector<Channel> channels_;  // one without identifier for a plain client
  int bad_ = 0;
  bool beat_due_ = false;
};

}  // namespace ltp::serve
