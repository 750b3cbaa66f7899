#pragma once

#include "wrap.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ltp::serve {

/// One way to wrap lines, shared by all who subscribe with it; and, while two or more of
/// them read everything, the frames of the last lines, made once for all.
class Format {
 public:
  explicit Format(Wrap wrap) : wrap_(std::move(wrap)) {}

  const Wrap& wrap() const noexcept { return wrap_; }

  /// Frames kept from version `first` on.
  void start(std::uint64_t first);
  void stop();
  bool kept() const noexcept { return kept_; }
  void append(std::string_view line, std::uint64_t version, bool is_tick);
  void trim(std::uint64_t stale);  // as LineLog::trim()

  bool has(std::uint64_t version) const noexcept {
    return version >= first_ && version - first_ < starts_.size();
  }
  struct Piece {
    std::string_view frames;  // valid until the next append() or trim()
    std::uint64_t to;         // version of the last frame
    std::uint64_t ticks;      // how many of them are ticks
  };
  /// At least one frame, as many as `most` bytes hold. Precondition: has(from).
  Piece from(std::uint64_t version, std::size_t most) const noexcept;

  std::size_t users = 0;    // subscriptions; counted by Formats
  std::size_t readers = 0;  // of them those who read everything at full rate

 private:
  struct Start {
    std::uint32_t offset;
    std::uint32_t ticks;  // before this frame; wraps
  };
  Wrap wrap_;
  bool kept_ = false;
  std::uint64_t first_ = 1;
  std::uint32_t ticks_ = 0;
  std::string frames_;
  std::vector<Start> starts_;
};

/// All that are in use.
///
/// Bound  At most kMaxKept of them keep frames: whoever makes up identifiers gets frames
///        that are made for him alone, and costs no memory.
class Formats {
 public:
  static constexpr std::size_t kMaxKept = 16;

  Format& get(const Wrap& wrap);
  void put(Format& format);
  /// Who reads everything at full rate comes and goes. `next` is the version to come.
  void add_reader(Format& format, std::uint64_t next);
  void remove_reader(Format& format);

  void append(std::string_view line, std::uint64_t version, bool is_tick) {
    for (Format* format : kept_) format->append(line, version, is_tick);
  }
  void trim(std::uint64_t stale) {
    for (Format* format : kept_) format->trim(stale);
  }

 private:
  std::unordered_map<std::string, std::unique_ptr<Format>> all_;
  std::vector<Format*> kept_;
};

}  // namespace ltp::serve
