#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// The last lines that came, in their order, each with its version: 1, 2, 3 and so on
/// without a hole. Whoever keeps up reads here what is new.
///
/// Bound  LogBounds, and kRecords lines.
class LineLog {
 public:
  static constexpr std::size_t kRecords = 64 << 10;
  static constexpr std::uint32_t kOther = UINT32_MAX;  // no instrument's line

  struct Record {
    std::uint32_t entry;    // in Latest, or kOther
    std::string_view line;  // valid until the next append() or trim()
  };

  /// The line gets version last() + 1.
  void append(std::uint32_t entry, std::string_view line);
  /// Drops lines up to version `stale`, as far as it is worth it. To be called between
  /// readings.
  void trim(std::uint64_t stale);

  std::uint64_t last() const noexcept { return first_ + starts_.size() - 1; }
  bool has(std::uint64_t version) const noexcept { return version >= first_ && version <= last(); }
  /// Preconditions: has(version).
  Record at(std::uint64_t version) const noexcept;
  std::size_t bytes_from(std::uint64_t version) const noexcept;

 private:
  struct Start {
    std::uint32_t offset;
    std::uint32_t entry;
  };
  std::uint64_t first_ = 1;
  std::string bytes_;
  std::vector<Start> starts_;
};

}  // namespace ltp::serve
