#pragma once

#include "command.hpp"
#include "wire.hpp"

#include <optional>
#include <set>

namespace ltp::sim {

/// What is wrong at present and also meets those who come later. What meets one line only
/// stands in its Wire.
struct Faults {
  bool mute = false;
  std::set<Instrument> muted;
  bool stalled = false;
  bool lose_new = false;  // new connections are half-open from the start
  std::optional<Wire::Drip> drip;
  std::optional<command::Cut> cut;        // of the next connections
  std::optional<command::Refuse> refuse;  // of the next connections
  std::optional<command::Quotes> quotes;  // of the next answers over REST

  bool mutes(Instrument instrument) const {
    return mute || (!muted.empty() && muted.contains(instrument));
  }
};

}  // namespace ltp::sim
