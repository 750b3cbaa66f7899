#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ltp::redis {

/// One answer of Redis. Views are valid only inside the callback that got it.
struct Reply {
  enum class Kind : std::uint8_t { kString, kStatus, kError, kInteger, kNil, kArray };
  Kind kind = Kind::kNil;
  std::string_view text;        // kString, kStatus, kError ("OOM command not allowed…")
  std::int64_t integer = 0;     // kInteger
  std::vector<Reply> elements;  // kArray

  bool is_error() const noexcept { return kind == Kind::kError; }
};

}  // namespace ltp::redis
