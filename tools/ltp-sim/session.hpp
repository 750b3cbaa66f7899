#pragma once

#include "dhan/subscribe.hpp"
#include "market.hpp"
#include "net/server.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ltp::sim {

/// One client of the feed: what it has subscribed, and what is gathered for it.
///
/// Limits  As the broker's: 100 instruments a message (else 814), 5,000 a connection
///         (else 804). A request that cannot be read is passed over.
/// Gather  Packets due at the same moment leave in one message, kMessage bytes at most.
class Session {
 public:
  static constexpr std::size_t kMessage = 64 << 10;
  using Wanted = std::set<std::pair<Instrument, TickKind>>;

  Session(Market& market, net::WsPeer& peer, std::string client_id);

  /// Does what the request asks; `now_ms` on a steady clock, `now_s` UTC.
  void on_request(std::string_view text, std::int64_t now_s);
  void on_pong(std::int64_t now_ms) noexcept { pong_ms_ = now_ms; }
  /// Once a second: pings each 10 s; hangs up on who has not answered for 40 s.
  void beat(std::int64_t now_ms);

  /// The instrument has traded: gathers its packets for the modes wanted.
  void on_trade(Instrument instrument);
  void flush();

  /// The broker's good-bye: a disconnect packet, then the close.
  void disconnect(std::uint16_t reason);

  const Wanted& wanted() const noexcept { return wanted_; }
  const std::string& client_id() const noexcept { return client_id_; }

 private:
  void subscribe(const dhan::Request& request, std::int64_t now_s);

  Market& market_;
  net::WsPeer& peer_;
  std::string client_id_;
  Wanted wanted_;
  std::string gathered_;
  std::uint64_t trades_ = 0;
  std::int64_t pinged_ms_ = 0;
  std::int64_t pong_ms_ = 0;
  bool ended_ = false;
};

}  // namespace ltp::sim
