#include "format.hpp"

#include "base/text.hpp"
#include "log_cut.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

/// Equal for equal wraps only.
std::string key_of(const Wrap& wrap) {
  const auto part = [](const std::string& text) { return cat(text.size(), ":", text); };
  return part(wrap.prefix) + part(wrap.suffix) + part(wrap.place_prefix) + part(wrap.place_infix) +
         (wrap.framed ? "f" : "") + (wrap.tells ? "t" : "") +
         static_cast<char>('0' + static_cast<int>(wrap.batch));
}

}  // namespace

void Format::start(std::uint64_t first) {
  kept_ = true;
  first_ = first;
}

void Format::stop() {
  kept_ = false;
  frames_ = {};
  starts_ = {};
}

void Format::append(std::string_view line, std::uint64_t version, bool is_tick) {
  starts_.push_back({static_cast<std::uint32_t>(frames_.size()), ticks_});
  ticks_ += is_tick;
  if (is_tick) {
    append_tick_message(frames_, wrap_, line, version);
  } else {
    append_message(frames_, wrap_, line);
  }
}

Format::Piece Format::from(std::uint64_t version, std::size_t most) const noexcept {
  const auto i = static_cast<std::size_t>(version - first_);
  const std::size_t begin = starts_[i].offset;
  if (frames_.size() - begin <= most || i + 1 == starts_.size())
    return {{frames_.data() + begin, frames_.size() - begin},
            first_ + starts_.size() - 1,
            ticks_ - starts_[i].ticks};
  const auto behind = std::upper_bound(
      starts_.begin() + static_cast<std::ptrdiff_t>(i) + 2, starts_.end(), begin + most,
      [](std::size_t offset, const Start& start) { return offset < start.offset; });
  const auto to = static_cast<std::size_t>(behind - starts_.begin()) - 1;  // the first left out
  return {{frames_.data() + begin, starts_[to].offset - begin},
          first_ + to - 1,
          starts_[to].ticks - starts_[i].ticks};
}

void Format::trim(std::uint64_t stale) {
  const auto drop = log_cut(starts_, frames_.size(), first_, stale);
  if (drop == 0) return;
  const auto cut =
      drop < starts_.size() ? starts_[drop].offset : static_cast<std::uint32_t>(frames_.size());
  first_ += drop;
  starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(drop));
  for (auto& start : starts_) start.offset -= cut;
  frames_.erase(0, cut);
}

Format& Formats::get(const Wrap& wrap) {
  auto& format = all_[key_of(wrap)];
  if (!format) format = std::make_unique<Format>(wrap);
  ++format->users;
  return *format;
}

void Formats::put(Format& format) {
  if (--format.users == 0) all_.erase(key_of(format.wrap()));
}

void Formats::add_reader(Format& format, std::uint64_t next) {
  ++format.readers;
  if (format.readers < 2 || format.kept() || format.wrap().batch != Wrap::Batch::kNone ||
      kept_.size() == kMaxKept)
    return;
  format.start(next);
  kept_.push_back(&format);
}

void Formats::remove_reader(Format& format) {
  if (--format.readers != 0 || !format.kept()) return;
  format.stop();
  std::erase(kept_, &format);
}

}  // namespace ltp::serve
