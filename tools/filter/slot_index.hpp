#pragma once

#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ltp::filter {

/// Numbers instruments in the order in which they first come. It is asked for every line,
/// and a node-based map costs a walk through memory each time.
///
/// Shape  Open addressing in one array, at most half full. Sixteen neighbouring ids lie
///        together, since a watch list often holds such; the sixteens lie anywhere.
class SlotIndex {
 public:
  SlotIndex() : places_(kFirst) {}

  /// The instrument's number; the next one, from 0, if it has none yet.
  std::uint32_t number(Instrument instrument) {
    Place& place = find(key_of(instrument));
    if (place.key != 0) return place.number;
    if (count_ >= places_.size() / 2) {
      grow();
      return number(instrument);
    }
    place = {key_of(instrument), count_};
    return count_++;
  }

  std::uint32_t size() const noexcept { return count_; }

 private:
  static constexpr std::size_t kFirst = 1024;  // a power of two, as every size after it

  struct Place {
    std::uint64_t key = 0;  // 0: free; no id is 0
    std::uint32_t number = 0;
  };

  static std::uint64_t key_of(Instrument instrument) noexcept {
    return static_cast<std::uint64_t>(instrument.segment) << 32 | instrument.security_id;
  }

  Place& find(std::uint64_t key) noexcept {
    const std::size_t mask = places_.size() - 1;
    const auto spread = (key >> 4) * 0x9e3779b97f4a7c15u >> 28;
    for (std::size_t at = (spread << 4 | (key & 15)) & mask;; at = (at + 1) & mask)
      if (places_[at].key == key || places_[at].key == 0) return places_[at];
  }

  void grow() {
    std::vector<Place> before(places_.size() * 2);
    before.swap(places_);
    for (const auto& place : before)
      if (place.key != 0) find(place.key) = place;
  }

  std::vector<Place> places_;
  std::uint32_t count_ = 0;
};

}  // namespace ltp::filter
