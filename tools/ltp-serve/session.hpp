#pragma once

#include "hub.hpp"
#include "kept_sessions.hpp"
#include "limits.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// Which words a client speaks; the tag of its upgrade.
enum class Dialect : int { kActionCable = 1, kPlain = 2 };

/// What all sessions share. It outlives them.
struct Shared {
  Hub& hub;
  const Limits& limits;
  KeptSessions& kept;
};

/// One WebSocket client: its words, and the way from the hub to its socket.
///
/// Slow     While the socket holds bytes, nothing is given to it; the hub keeps this
///          client's place. When it takes again the hub goes on from there.
/// Stalled  Who takes nothing for Limits::stall_ms is closed with 1013, "try again later".
/// Hostile  More than kMaxBad frames that mean nothing, or more commands than
///          Limits::commands_per_s, and the client is sent away (1008).
class Session : protected Sink {
 public:
  static constexpr int kMaxBad = 100;

  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void on_message(std::string_view message, bool binary);
  void on_writable();

  /// To be called each 3 s: ActionCable's sign of life, and the look for the stalled.
  void beat(std::int64_t unix_s);
  /// The server goes down: says so in the client's words, then closes.
  void go_away();
  /// Says why in the client's words, then closes; for a token that has expired.
  void close(int code, std::string_view reason, bool come_back);

 protected:
  Session(const Shared& shared, net::WsPeer& peer) : shared_(shared), peer_(peer) {}

  bool write(std::string_view messages) override;
  /// Something that means nothing; false: once too often, it is closed.
  bool on_bad();

  virtual void on_text(std::string_view text) = 0;
  virtual void on_drained() = 0;
  virtual void on_beat(std::int64_t /*unix_s*/) {}
  virtual void say_good_bye(std::string_view /*reason*/, bool /*come_back*/) {}

  Shared shared_;
  net::WsPeer& peer_;

 private:
  Meter commands_;
  int bad_ = 0;
  bool closed_ = false;
  std::optional<std::int64_t> held_since_ms_;
};

/// The session of a client that has just been let in.
std::unique_ptr<Session> make_session(const Shared& shared, net::WsPeer& peer,
                                      const net::Request& request);

/// What is wrong with the query of a client's URL, if anything: to be asked before it is
/// let in.
std::optional<std::string> query_fault(Dialect dialect, std::string_view query,
                                       const Limits& limits);

}  // namespace ltp::serve
