#include "filter/gate.hpp"

#include <utility>

namespace ltp::filter {

void Gate::hold(std::string_view block, std::uint64_t mark, std::int64_t now_ms) {
  if (taken_ > bytes_.size() / 2) {
    bytes_.erase(0, taken_);
    free_ -= std::exchange(taken_, 0);
  }
  bytes_.append(block);
  newest_mark_ = mark;
  held_.push_back({block.size(), mark, now_ms});
  if (open_) {
    release_front();
  } else {
    answered(answered_, now_ms);
  }
}

void Gate::answered(std::uint64_t count, std::int64_t now_ms) {
  answered_ = count;
  if (open_) close_if_caught_up(now_ms);
  while (!held_.empty() && held_.front().mark <= answered_) release_front();
}

void Gate::expire(std::int64_t now_ms) {
  if (const auto due_ms = expires_ms(); due_ms && *due_ms <= now_ms) open(now_ms);
}

std::optional<std::int64_t> Gate::expires_ms() const noexcept {
  if (held_.empty()) return std::nullopt;
  return held_.front().since_ms + patience_ms_;
}

std::string_view Gate::take() noexcept {
  const std::size_t from = std::exchange(taken_, free_);
  return std::string_view(bytes_).substr(from, free_ - from);
}

void Gate::release_front() noexcept {
  free_ += held_.front().size;
  held_.pop_front();
}

void Gate::open(std::int64_t now_ms) {
  open_ = true;
  probe_mark_ = newest_mark_;
  probe_ms_ = now_ms;
  while (!held_.empty()) release_front();
}

void Gate::close_if_caught_up(std::int64_t now_ms) {
  if (answered_ < probe_mark_) return;
  if (answered_ == newest_mark_ || now_ms - probe_ms_ < patience_ms_) {
    open_ = false;
  } else {
    probe_mark_ = newest_mark_;
    probe_ms_ = now_ms;
  }
}

}  // namespace ltp::filter
