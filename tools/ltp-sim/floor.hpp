#pragma once

#include "market.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace ltp::sim {

class Session;

/// What one client wants of one instrument. Its session owns it and keeps it where it is.
struct Wish {
  Session& session;
  Day& day;
  TickKind mode;
  bool fresh = true;  // the previous close has still to be sent
  bool owed = false;  // the session has noted that the latest price has still to be sent
};

/// Where trades happen: moves each instrument that anybody wants, in turn, and tells
/// those who want it.
///
/// Pace    `rate_hz` trades a second of each instrument, spread evenly over time. After
///         a pause of the machine no more than a second is made up for, and a turn has
///         an end: what a machine cannot do is not done.
/// Clock   The broker's, which may be told to be wrong.
class Floor {
 public:
  Floor(Market& market, double rate_hz);

  Market& market() noexcept { return market_; }
  const Market& market() const noexcept { return market_; }
  std::int64_t now_s() const;  // UTC, by the broker's clock

  void add(Wish& wish);
  void remove(Wish& wish);
  std::size_t instruments() const noexcept { return stands_.size(); }
  std::uint64_t trades() const noexcept { return trades_; }

  /// Does what is due; `now_ms` on a steady clock.
  void turn(std::int64_t now_ms);

  void set_rate(double hz) noexcept { rate_hz_ = hz; }
  /// Each instrument trades so many times more, as soon as can be.
  void burst(std::size_t trades) noexcept;
  /// No trade until it is called with false.
  void freeze(bool on) noexcept { frozen_ = on; }
  void set_clock_offset(std::int64_t seconds) noexcept { offset_s_ = seconds; }

 private:
  /// Where one instrument is traded.
  struct Stand {
    Day* day;
    std::vector<Wish*> wishes;
  };
  void trade_next(std::int64_t utc_s);

  Market& market_;
  double rate_hz_;
  std::vector<Stand> stands_;
  std::unordered_map<const Day*, std::size_t> places_;  // in stands_
  std::size_t next_ = 0;                                // in stands_
  double due_ = 0;                                      // trades
  std::size_t burst_ = 0;                               // trades on top of those
  std::int64_t last_turn_ms_;
  std::uint64_t trades_ = 0;
  bool frozen_ = false;
  std::int64_t offset_s_ = 0;
};

}  // namespace ltp::sim
