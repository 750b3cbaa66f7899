#include "line_log.hpp"

#include "log_cut.hpp"

#include <algorithm>

namespace ltp::serve {

void LineLog::append(std::uint32_t entry, std::string_view line) {
  starts_.push_back({static_cast<std::uint32_t>(bytes_.size()), entry});
  bytes_.append(line);
}

LineLog::Record LineLog::at(std::uint64_t version) const noexcept {
  const auto i = static_cast<std::size_t>(version - first_);
  const auto begin = starts_[i].offset;
  const auto end = i + 1 < starts_.size() ? starts_[i + 1].offset : bytes_.size();
  return {starts_[i].entry, {bytes_.data() + begin, end - begin}};
}

std::size_t LineLog::bytes_from(std::uint64_t version) const noexcept {
  return bytes_.size() - starts_[static_cast<std::size_t>(version - first_)].offset;
}

void LineLog::trim(std::uint64_t stale) {
  auto drop = log_cut(starts_, bytes_.size(), first_, stale);
  if (starts_.size() > kRecords) drop = std::max(drop, starts_.size() / 2);
  if (drop == 0) return;
  const auto cut =
      drop < starts_.size() ? starts_[drop].offset : static_cast<std::uint32_t>(bytes_.size());
  starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(drop));
  for (auto& start : starts_) start.offset -= cut;
  bytes_.erase(0, cut);
  first_ += drop;
}

}  // namespace ltp::serve
