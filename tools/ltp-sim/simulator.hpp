#pragma once

#include "loop/loop.hpp"
#include "market.hpp"
#include "net/server.hpp"
#include "rest.hpp"
#include "session.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace ltp::sim {

/// The broker: lets clients in, moves the market, tells who wants to know.
///
/// Pace    Each subscribed instrument trades `rate_hz` times a second; the trades of all
///         are spread evenly over time.
/// Limits  Five connections a client id; a sixth makes the oldest go, with 805.
class Simulator : public net::ServerHandler {
 public:
  struct Settings {
    double rate_hz;
    Admits admits;
  };
  Simulator(loop::Loop& loop, Market& market, Settings settings);

  void on_request(const net::Request& request, net::Responder respond) override;
  net::UpgradeAnswer on_upgrade(const net::Request& request) override;
  void on_open(net::WsPeer& peer, const net::Request& request) override;
  void on_message(net::WsPeer& peer, std::string_view message, bool binary) override;
  void on_writable(net::WsPeer&) override {}
  void on_pong(net::WsPeer& peer) override;
  void on_close(net::WsPeer& peer, int code) override;

 private:
  void turn();
  void collect();

  Market& market_;
  Settings settings_;
  Rest rest_;
  std::deque<Session*> sessions_;   // oldest first
  std::vector<Instrument> traded_;  // what is subscribed by anybody, once each
  bool changed_ = false;            // traded_ is out of date
  std::size_t next_ = 0;            // in traded_
  double owed_ = 0;                 // trades that are due
  std::int64_t last_turn_ms_;
  loop::Timer pace_;
  loop::Timer beat_;
};

}  // namespace ltp::sim
