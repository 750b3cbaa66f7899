#pragma once

#include "dhan/assembler.hpp"
#include "dhan/frame.hpp"
#include "output.hpp"
#include "watch_list.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::feed {

/// The broker's messages in, tick lines out. Live or replayed, every message goes
/// through here.
///
/// Lines   Each price makes one line on the Output; seq counts them from 1.
/// Odd     What cannot be read is counted and passed over; odd_things() tells of it.
class Intake {
 public:
  explicit Intake(Output& output) : output_(output) {}

  /// From now on only these instruments pass, under their symbols; ticks of others are
  /// counted as not asked for. Of those that were watched before it stays known whether
  /// they ticked. Until the first call everything passes.
  void watch(const WatchList& list);
  void set_source(Source source);
  /// After so many ticks no more are written; 0 is no limit.
  void stop_after(std::uint64_t ticks) noexcept { limit_ = ticks; }

  /// While a market is open, `close` of a quote is yesterday's: it stands in for a previous
  /// close that did not come by itself. All are closed at first.
  void set_open(Segment segment, bool open) noexcept {
    open_[static_cast<std::size_t>(segment)] = open;
  }

  struct Goodbye {
    std::uint16_t reason;
    std::optional<Instrument> culprit;  // named by the packet's header, and watched
  };
  struct Heard {
    std::size_t packets = 0;
    std::size_t ticks = 0;
    std::optional<Goodbye> goodbye;
    std::optional<Segment> market_status;
  };
  /// One whole message, received at `recv_us`; of a replay `recorded_us` is when it was
  /// received at first. Gathered in the Output, not flushed.
  Heard on_message(std::span<const std::byte> message, bool binary, std::int64_t recv_us,
                   std::optional<std::int64_t> recorded_us = std::nullopt);

  Source source() const noexcept { return source_; }
  std::uint64_t ticks() const noexcept { return ticks_; }
  /// From trade to receipt, of the last tick with a trade time, which has whole seconds.
  std::optional<std::int64_t> last_lag_ms() const noexcept { return last_lag_ms_; }
  /// A watched one of which a tick came.
  bool has_ticked(Instrument instrument) const;

  /// "3 truncated, 1 text message", or empty if all was well.
  std::string odd_things() const;

 private:
  struct Watched {
    std::string symbol;
    bool ticked = false;
  };
  struct When {
    std::int64_t recv_us;
    std::optional<std::int64_t> recorded_us;
    std::int64_t first_us() const noexcept { return recorded_us.value_or(recv_us); }
  };
  void on_packet(const dhan::Packet& packet, When when, Heard& heard);

  Output& output_;
  dhan::Assembler assembler_{Source::kWebsocket};
  Source source_ = Source::kWebsocket;
  std::unordered_map<Instrument, Watched> watched_;
  bool everything_ = true;
  std::array<bool, 9> open_{};  // by the segment's number
  std::string line_;  // scratch, kept for its memory
  std::uint64_t ticks_ = 0;
  std::uint64_t limit_ = 0;
  std::optional<std::int64_t> last_lag_ms_;
  std::array<std::uint64_t, dhan::kIssueKinds> issues_{};
  std::uint64_t text_messages_ = 0;
  std::uint64_t unasked_ = 0;
};

}  // namespace ltp::feed
