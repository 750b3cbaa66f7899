#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ltp::loop {

/// Bytes on their way out: appended at the end, taken from the front.
class OutBuffer {
 public:
  void append(std::string_view bytes) { bytes_.append(bytes); }

  std::string_view left() const noexcept { return std::string_view(bytes_).substr(taken_); }
  std::size_t size() const noexcept { return bytes_.size() - taken_; }
  bool empty() const noexcept { return size() == 0; }

  void take(std::size_t count) {
    taken_ += count;
    if (empty()) {
      clear();
    } else if (taken_ >= kKeep && taken_ >= size()) {  // moves no byte twice
      bytes_.erase(0, taken_);
      taken_ = 0;
    }
  }

  void clear() {
    taken_ = 0;
    bytes_.clear();
    if (bytes_.capacity() > kKeep) bytes_ = {};  // a rare flood must not stay for ever
  }

 private:
  static constexpr std::size_t kKeep = 1 << 20;

  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace ltp::loop
