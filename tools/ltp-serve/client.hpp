#pragma once

#include "hub.hpp"
#include "kept_sessions.hpp"
#include "limits.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ltp::serve {

/// What all clients share. It outlives them.
struct Shared {
  Hub& hub;
  const Limits& limits;
  KeptSessions& kept;
};

/// The way from the hub to one client's socket, whatever its words are.
///
/// Slow     While the socket holds bytes, nothing is given to it; the hub keeps this
///          client's place. When it takes again the hub goes on from there.
/// Stalled  Who takes nothing for Limits::stall_ms is sent away, to come back.
class Client : protected Sink {
 public:
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void on_writable();
  /// To be called each 3 s: signs of life, and the look for the stalled.
  void beat(std::int64_t unix_s);
  /// Its token ends then, in seconds since 1970: so does it, within 3 s.
  void expires(std::int64_t unix_s) noexcept { expires_s_ = unix_s; }
  /// The server goes down: says so in the client's words, then closes.
  void go_away();
  /// Says why in the client's words, then closes with a code of WebSocket, if it has one.
  void close(int code, std::string_view reason, bool come_back);
  bool closed() const noexcept { return closed_; }

  /// As HTTP's 401: the token has ended, or there was none.
  static constexpr int kUnauthorized = 4401;
  /// As HTTP's 409: the client has come back on another connection.
  static constexpr int kTakenUp = 4409;

 protected:
  static constexpr int kGoingAway = 1001;
  static constexpr int kNotText = 1003;
  static constexpr int kPolicy = 1008;
  static constexpr int kTryAgainLater = 1013;

  Client(const Shared& shared, net::Outlet& outlet) : shared_(shared), outlet_(outlet) {}

  bool write(std::string_view messages) override;

  virtual void on_drained() = 0;
  virtual void on_beat(std::int64_t unix_s) = 0;
  virtual void on_close(int code, std::string_view reason, bool come_back) = 0;

  const Shared& shared_;

 private:
  net::Outlet& outlet_;
  std::optional<std::int64_t> held_since_ms_;
  std::int64_t expires_s_ = INT64_MAX;
  bool closed_ = false;
};

}  // namespace ltp::serve
