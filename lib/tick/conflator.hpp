#pragma once

#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp {

/// What is held for a reader that is slow: the latest text of each instrument.
///
/// Bound   One text per instrument that was ever put. Nothing else grows.
/// Order   Texts leave in the order in which their instruments first waited, so that
///         a busy instrument cannot starve a quiet one; per instrument never backwards.
/// Count   merged() is the number of texts that a newer one replaced.
class Conflator {
 public:
  /// `now_ms` is any steady clock of the caller's; it comes back from pop().
  void put(Instrument instrument, std::string_view text, std::int64_t now_ms = 0);

  struct Entry {
    Instrument instrument;
    std::string_view text;  // valid until the next put()
    std::int64_t put_ms;
  };
  /// Takes the first waiting text out. Precondition: !empty().
  Entry pop();

  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t size() const noexcept { return waiting_.size(); }
  std::uint64_t merged() const noexcept { return merged_; }

 private:
  struct Slot {
    Instrument instrument;
    std::string text;
    std::int64_t put_ms = 0;
    bool waits = false;
  };
  std::unordered_map<Instrument, std::size_t> index_;
  std::vector<Slot> slots_;
  std::deque<std::size_t> waiting_;
  std::uint64_t merged_ = 0;
};

}  // namespace ltp
