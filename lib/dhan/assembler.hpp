#pragma once

#include "dhan/packet.hpp"
#include "dhan/subscribe.hpp"
#include "tick/tick.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace ltp::dhan {

/// Makes ticks of packets: remembers what came in packets of its own (previous close,
/// open interest) and adds it to the instrument's next price.
///
/// Which   A ticker, quote or full packet with a price (finite, above 0), a segment
///         that has a name and an id above 0 makes a Tick; all others make none.
/// Bound   One small entry for each of the first kMaxRemembered instruments that had a
///         previous close or open interest; of further ones these stay unknown.
class Assembler {
 public:
  /// As many as one client id may subscribe to: only a peer that makes ids up has more.
  static constexpr std::size_t kMaxRemembered = kMaxConnections * kMaxPerConnection;

  explicit Assembler(Source source) : source_(source) {}

  /// The tick that this packet makes, if any. `seq` is counted here, from 1. The tick's
  /// symbol is empty and its depth points into `packet`.
  std::optional<Tick> add(const Packet& packet, std::int64_t recv_us);

  /// Packets that should have carried a price and carried none.
  std::uint64_t without_price() const noexcept { return without_price_; }

  void set_source(Source source) noexcept { source_ = source; }

 private:
  struct Known {
    std::optional<float> prev_close;
    std::optional<std::uint32_t> open_interest;
  };
  Known* remember(Instrument instrument);  // null: no room

  Source source_;
  std::unordered_map<Instrument, Known> known_;
  std::uint64_t seq_ = 0;
  std::uint64_t without_price_ = 0;
};

}  // namespace ltp::dhan
