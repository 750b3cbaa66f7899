#include "filter.hpp"

#include <algorithm>

namespace ltp::serve {
bool Filter::wants(Instrument instrument) const noexcept {
  return (mask() & mask_of(instrument.segment)) != 0 ||
         std::find(instruments.begin(), instruments.end(), instrument) != instruments.end();
}

void Filter::add(const Filter& more) {
  all |= more.all;
  segments |= more.segments;
  instruments.insert(instruments.end(), more.instruments.begin(), more.instruments.end());
  std::sort(instruments.begin(), instruments.end());
  instruments.erase(std::unique(instruments.begin(), instruments.end()), instruments.end());
}

void Filter::remove(const Filter& less) {
  all &= !less.all;
  segments &= static_cast<SegmentMask>(~less.segments);
  auto gone = less.instruments;
  std::sort(gone.begin(), gone.end());
  std::erase_if(instruments, [&](const Instrument& one) {
    return std::binary_search(gone.begin(), gone.end(), one);
  });
}

}  // namespace ltp::serve
