#pragma once

#include "client.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// Which words a client speaks; the tag of its upgrade.
enum class Dialect : int { kActionCable = 1, kPlain = 2 };

/// One WebSocket client.
///
/// Hostile  More than kMaxBad frames that mean nothing, or more commands than
///          Limits::commands_per_s, and the client is sent away (1008).
class Session : public Client {
 public:
  static constexpr int kMaxBad = 100;

  void on_message(std::string_view message, bool binary);

 protected:
  Session(const Shared& shared, net::WsPeer& peer) : Client(shared, peer), peer_(peer) {}

  /// Something that means nothing; false: once too often, it is closed.
  bool on_bad();
  void on_close(int code, std::string_view reason, bool come_back) override;

  virtual void on_text(std::string_view text) = 0;
  void on_beat(std::int64_t /*unix_s*/) override {}
  virtual void say_good_bye(std::string_view /*reason*/, bool /*come_back*/) {}

  net::WsPeer& peer_;

 private:
  Meter commands_;
  int bad_ = 0;
};

/// The session of a client that has just been let in. `shared` outlives it.
std::unique_ptr<Session> make_session(const Shared& shared, net::WsPeer& peer,
                                      const net::Request& request);

/// What is wrong with the query of a client's URL, if anything: to be asked before it is
/// let in.
std::optional<std::string> query_fault(Dialect dialect, std::string_view query,
                                       const Limits& limits);

}  // namespace ltp::serve
