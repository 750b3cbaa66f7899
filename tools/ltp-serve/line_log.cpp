#include "line_log.hpp"

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

void LineLog::trim() {
  if (bytes_.size() <= kBytes && starts_.size() <= kRecords) return;
  std::size_t keep = starts_.size() > kRecords ? starts_.size() / 2 : 0;
  while (keep < starts_.size() && bytes_.size() - starts_[keep].offset > kBytes / 2) ++keep;
  const std::uint32_t cut =
      keep < starts_.size() ? starts_[keep].offset : static_cast<std::uint32_t>(bytes_.size());
  starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(keep));
  for (auto& start : starts_) start.offset -= cut;
  bytes_.erase(0, cut);
  first_ += keep;
}

}  // namespace ltp::serve
