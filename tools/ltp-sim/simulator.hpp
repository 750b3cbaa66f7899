#pragma once

#include "command.hpp"
#include "faults.hpp"
#include "floor.hpp"
#include "gate.hpp"
#include "loop/loop.hpp"
#include "net/server.hpp"
#include "rest.hpp"
#include "session.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ltp::sim {

/// The broker: lets clients in, hears what they want, goes wrong when told to.
///
/// Limits  Five connections a client id; a sixth makes the oldest go, with 805.
class Simulator : public net::ServerHandler {
 public:
  struct Settings {
    double rate_hz = 1;
    Gate::Settings gate;
    bool control = false;  // whether /control/ is there at all
  };
  Simulator(loop::Loop& loop, Market& market, Settings settings);

  /// A message of a capture, to those who want it.
  void relay(dhan::Bytes message);
  /// Whether anybody has asked for anything; whether every line is free, but for those that
  /// will never be.
  bool is_wanted() const;
  bool is_free() const;

  /// Does it, or says why it cannot be done now.
  std::optional<std::string> obey(const Command& command);

  void on_request(const net::Request& request, net::Responder respond) override;
  net::UpgradeAnswer on_upgrade(const net::Request& request) override;
  void on_open(net::WsPeer& peer, const net::Request& request) override;
  void on_message(net::WsPeer& peer, std::string_view message, bool binary) override;
  void on_writable(net::WsPeer& peer) override;
  void on_pong(net::WsPeer& peer) override;
  void on_close(net::WsPeer& peer, int code) override;

 private:
  using Done = std::optional<std::string>;  // none: done; else why not

  /// An answer that waits.
  struct Late {
    std::int64_t due_ms;
    net::Responder respond;
    net::Response response;
  };

  void turn();
  void answer_rest(const net::Request& request, const net::Responder& respond);
  net::Response control(const net::Request& request);
  std::string state() const;
  std::string truth() const;

  Done apply(const command::Mute& mute);
  Done apply(const command::HalfOpen& half_open);
  Done apply(const command::Cut& cut);
  Done apply(const command::Disconnect& disconnect);
  Done apply(const command::Refuse& refuse);
  Done apply(const command::Expire&);
  Done apply(const command::Inject& inject);
  Done apply(const command::Batch& batch);
  Done apply(const command::Drip& drip);
  Done apply(const command::Oversize& oversize);
  Done apply(const command::Stall& stall);
  Done apply(const command::Clock& clock);
  Done apply(const command::Rate& rate);
  Done apply(const command::Burst& burst);
  Done apply(const command::Quotes& quotes);
  Done apply(const command::Freeze&);
  Done apply(const command::Heal&);

  loop::Loop& loop_;
  Settings settings_;
  Floor floor_;
  Gate gate_;
  Rest rest_;
  Faults faults_;
  std::deque<std::unique_ptr<Session>> sessions_;  // oldest first
  std::vector<Late> late_;
  std::uint64_t connects_ = 0;
  std::uint64_t refused_ = 0;
  loop::Timer pace_;
  loop::Timer beat_;
  loop::Timer stall_end_;
};

}  // namespace ltp::sim
