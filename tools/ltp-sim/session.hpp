#pragma once

#include "dhan/packet.hpp"
#include "dhan/subscribe.hpp"
#include "faults.hpp"
#include "floor.hpp"
#include "wire.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::sim {

/// One client of the feed: what it wants, and what is gathered for it.
///
/// Limits  As the broker's: 100 instruments a message (else 814), 5,000 a connection
///         (else 804). A request that cannot be read is passed over.
/// Gather  Packets due at the same moment leave in one message, kMessage bytes or a
///         little more.
/// Owes    While its line is not free or a fault holds prices back, trades are noted, not
///         queued: what it gets afterwards is the latest price of each instrument.
class Session {
 public:
  static constexpr std::size_t kMessage = 64 << 10;

  /// What it has asked for, for tests of a client's manners.
  struct Asked {
    std::uint64_t requests = 0;
    std::uint64_t most_requests_in_a_second = 0;
    std::size_t most_instruments_in_a_request = 0;
  };

  Session(loop::Loop& loop, Floor& floor, const Faults& faults, net::WsPeer& peer,
          std::string client_id, std::string token);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Does what the request asks; `now_ms` on a steady clock.
  void on_request(std::string_view text, std::int64_t now_ms);
  void on_pong(std::int64_t now_ms) noexcept { pong_ms_ = now_ms; }
  /// Once a second: pings each 10 s; hangs up on who has not answered for 40 s.
  void beat(std::int64_t now_ms);

  /// The instrument has traded.
  void on_trade(Wish& wish);
  /// Sends what is gathered, then what is owed, as far as the line takes it.
  void flush();

  /// A message of a capture: what is wanted of it goes out as one message, whatever the
  /// mode. A packet that names no instrument is everybody's; good-byes are left out.
  void relay(dhan::Bytes message);

  /// The broker's good-bye: a disconnect packet, then the close.
  void disconnect(std::uint16_t reason);

  /// One message that holds so many prices, of what is wanted, in turn.
  void send_batch(std::size_t packets);
  void send_malformed(Malformed kind);

  Wire& wire() noexcept { return wire_; }
  const Wire& wire() const noexcept { return wire_; }
  /// Neither said good-bye to nor half-open.
  bool live() const noexcept { return !ended_ && !wire_.lost(); }
  const std::string& client_id() const noexcept { return client_id_; }
  const std::string& token() const noexcept { return token_; }
  std::size_t wishes() const noexcept { return wishes_.size() + unlisted_.size(); }
  std::size_t owed() const noexcept { return owed_.size(); }
  const Asked& asked() const noexcept { return asked_; }

 private:
  using Key = std::pair<Instrument, TickKind>;

  void count(const dhan::Request& request, std::int64_t now_ms);
  void subscribe(const dhan::Request& request);
  void unsubscribe(Key key);
  void owe(Wish& wish);
  void pay();
  void append(Wish& wish);
  void send_gathered();
  bool is_for_us(const dhan::Packet& packet) const;

  Floor& floor_;
  const Faults& faults_;
  Wire wire_;
  std::string client_id_;
  std::string token_;
  std::map<Key, Wish> wishes_;
  std::set<Key> unlisted_;  // wanted as well, and nothing ever comes
  std::vector<Wish*> owed_;
  std::string gathered_;
  std::uint64_t trades_ = 0;
  Asked asked_;
  std::int64_t second_ms_ = 0;  // when the present second of requests began
  std::uint64_t in_second_ = 0;
  std::int64_t pinged_ms_ = 0;
  std::int64_t pong_ms_ = 0;
  bool ended_ = false;
};

}  // namespace ltp::sim
