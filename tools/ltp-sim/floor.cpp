#include "floor.hpp"

#include "base/clock.hpp"
#include "session.hpp"

#include <algorithm>
#include <utility>

namespace ltp::sim {
namespace {

constexpr std::size_t kMostInTurn = 20'000;  // some milliseconds of work

}  // namespace

Floor::Floor(Market& market, double rate_hz)
    : market_(market), rate_hz_(rate_hz), last_turn_ms_(steady_ms()) {}

std::int64_t Floor::now_s() const {
  return wall_us() / 1'000'000 + offset_s_;
}

void Floor::add(Wish& wish) {
  const auto [place, fresh] = places_.try_emplace(&wish.day, stands_.size());
  if (fresh) stands_.push_back({&wish.day, {}});
  stands_[place->second].wishes.push_back(&wish);
}

void Floor::remove(Wish& wish) {
  const auto place = places_.find(&wish.day);
  auto& stand = stands_[place->second];
  std::erase(stand.wishes, &wish);
  if (!stand.wishes.empty()) return;
  // The last stand moves into the gap.
  if (&stand != &stands_.back()) {
    places_[stands_.back().day] = place->second;
    stand = std::move(stands_.back());
  }
  stands_.pop_back();
  places_.erase(place);
}

void Floor::burst(std::size_t trades) noexcept {
  burst_ += trades * stands_.size();
}

void Floor::turn(std::int64_t now_ms) {
  const auto passed_s = static_cast<double>(now_ms - last_turn_ms_) / 1000;
  last_turn_ms_ = now_ms;
  if (stands_.empty() || frozen_) {
    due_ = 0;
    burst_ = 0;
    return;
  }
  const auto per_second = rate_hz_ * static_cast<double>(stands_.size());
  due_ = std::min(due_ + per_second * passed_s, std::max(per_second, 1.0));
  const auto regular = std::min(kMostInTurn, static_cast<std::size_t>(due_));
  const auto extra = std::min(kMostInTurn - regular, burst_);
  due_ -= static_cast<double>(regular);
  burst_ -= extra;
  const auto utc_s = now_s();
  for (auto left = regular + extra; left > 0; --left) trade_next(utc_s);
}

void Floor::trade_next(std::int64_t utc_s) {
  next_ = next_ + 1 < stands_.size() ? next_ + 1 : 0;
  auto& stand = stands_[next_];
  if (!market_.trade(*stand.day, utc_s)) return;
  ++trades_;
  for (Wish* wish : stand.wishes) wish->session.on_trade(*wish);
}

}  // namespace ltp::sim
