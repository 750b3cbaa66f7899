#include "filter.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

/// Sorted, each once.
template <class Key>
void unite(std::vector<Key>& keys, const std::vector<Key>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

template <class Key>
void subtract(std::vector<Key>& keys, std::vector<Key> less) {
  std::sort(less.begin(), less.end());
  std::erase_if(keys,
                [&](const Key& key) { return std::binary_search(less.begin(), less.end(), key); });
}

}  // namespace

SegmentMask Filter::mask() const noexcept {
  if (all) return kEverySegment;
  SegmentMask mask = 0;
  for (const Segment segment : segments) mask |= mask_of(segment);
  return mask;
}

bool Filter::wants(Instrument instrument) const noexcept {
  return (mask() & mask_of(instrument.segment)) != 0 ||
         std::find(instruments.begin(), instruments.end(), instrument) != instruments.end();
}

void Filter::add(const Filter& more) {
  all |= more.all;
  unite(segments, more.segments);
  unite(instruments, more.instruments);
}

void Filter::remove(const Filter& less) {
  all &= !less.all;
  subtract(segments, less.segments);
  subtract(instruments, less.instruments);
}

}  // namespace ltp::serve
