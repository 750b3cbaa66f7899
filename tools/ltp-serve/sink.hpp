#pragma once

#include <cstddef>
#include <string_view>

namespace ltp::serve {

/// Where a subscriber's messages go. The hub gives whole messages, many at once.
class Sink {
 public:
  static constexpr std::size_t kChunk = 64 << 10;  // about as much is given at once

  virtual ~Sink() = default;
  /// False: it takes nothing now; the owner calls Hub::flush(subscription) when it does.
  virtual bool write(std::string_view messages) = 0;
};

}  // namespace ltp::serve
