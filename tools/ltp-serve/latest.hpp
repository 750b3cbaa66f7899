#pragma once

#include "filter.hpp"
#include "tick/instrument.hpp"
#include "tick/line.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp::serve {

class Few;

/// The latest line of every instrument, in the order in which they last moved, and who
/// watches it.
class Latest {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// More instruments than any broker lists; lines of more are not taken. Whoever is
  /// waited for has an entry too; how many those are is bounded by clients and their keys.
  static constexpr std::size_t kMaxInstruments = 400'000;

  struct Watcher {
    Few* few;
    std::uint32_t slot;
  };
  struct Entry {
    Instrument instrument{};
    std::string line;
    std::string price;                    // its text in the line
    std::optional<std::int64_t> recv_us;  // as the line says
    std::int64_t at_ms = 0;               // when the line came, wall clock
    std::uint64_t version = 0;            // of the line; 0: none has come yet
    std::uint64_t count = 0;              // lines that have come
    std::uint32_t older = kNone;          // neighbours in the order of versions
    std::uint32_t newer = kNone;
    std::vector<Watcher> watchers;
  };

  /// The entry of an instrument; made if there is none.
  std::uint32_t entry_of(Instrument instrument);
  /// Whether a line of the instrument may be kept.
  bool takes(std::uint32_t entry) const noexcept {
    return entries_[entry].version != 0 || known_ < kMaxInstruments;
  }
  const Entry* find(Instrument instrument) const;
  Entry& operator[](std::uint32_t entry) noexcept { return entries_[entry]; }
  const Entry& operator[](std::uint32_t entry) const noexcept { return entries_[entry]; }

  void update(std::uint32_t entry, const line::TickLine& tick, std::string_view line,
              std::int64_t at_ms, std::uint64_t version);

  void watch(std::uint32_t entry, Watcher watcher);
  /// Removes the watcher in that place; an entry without line and watchers goes too.
  void unwatch(std::uint32_t entry, std::uint32_t place);
  void drop_if_empty(std::uint32_t entry);

  /// The entry that moved first after `version`, kNone if none did. Quick if `hint` is the
  /// entry that had this version and has not moved since; else it takes a step for each
  /// that did.
  std::uint32_t first_after(std::uint64_t version, std::uint32_t hint) const noexcept;
  /// How many instruments of the segments moved after `version`.
  std::uint64_t moved_after(std::uint64_t version, SegmentMask mask) const noexcept;
  /// Lines that have come in these segments, ever.
  std::uint64_t arrived(SegmentMask mask) const noexcept;

  /// Instruments that have a line.
  std::size_t size() const noexcept { return known_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<Instrument, std::uint32_t> index_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::size_t known_ = 0;
  std::array<std::uint64_t, 9> arrived_{};  // by segment
};

}  // namespace ltp::serve
