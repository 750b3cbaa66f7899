#pragma once

#include "intake.hpp"
#include "tick/sessions.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::feed {

/// The instruments that were asked for and of which nothing has come yet. The broker does
/// not tell if an id is wrong: an open market in which it stays silent is the only sign.
class FirstTicks {
 public:
  /// `now_ms` on a steady clock. What is awaited already is awaited since then.
  void await(Instrument instrument, std::int64_t now_ms) {
    awaited_.try_emplace(instrument, now_ms);
  }
  void forget(Instrument instrument) { awaited_.erase(instrument); }

  /// Those that are silent for `wait` of an open market by now, in order, each named once.
  std::vector<Instrument> late(const Intake& intake, const Sessions& hours,
                               std::chrono::milliseconds wait, std::int64_t now_ms,
                               std::int64_t utc_s);

 private:
  std::unordered_map<Instrument, std::int64_t> awaited_;  // since when
};

/// "NSE_EQ:1, BSE_EQ:7 and 12 more".
std::string name_some(const std::vector<Instrument>& instruments);

}  // namespace ltp::feed
