#include "hub.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ltp::serve {

Subscription::Subscription(Hub& hub, Sink& sink, Format& format)
    : sink_(sink), format_(format), hub_(hub) {}

Subscription::~Subscription() {
  leave_lists();
  leave(hub_.marked_, &Subscription::in_marked_, *this);
  hub_.formats_.put(format_);
}

void Subscription::want(const Filter& more, std::uint64_t since) {
  const bool waited = filter_.empty();
  if (!waited && !blocked_ && every_ms_ == 0) hub_.give(*this);
  filter_.add(more);
  if (waited) {
    others_seen_ = hub_.version();
    status_due_ = true;
  }
  apply(since, [since](Instrument) { return since; });
}

void Subscription::unwant(const Filter& less) {
  if (!filter_.empty() && !blocked_ && every_ms_ == 0) hub_.give(*this);
  filter_.remove(less);
  // Of a segment that goes single instruments may stay: what it has had of them is out.
  apply(0, [before = reader_](Instrument one) { return before.heard(one.segment); });
}

void Subscription::max_hz(double hz) {
  constexpr double kLongest_ms = 1e9;
  every_ms_ =
      hz > 0 ? std::max<std::int64_t>(1, std::llround(std::min(1000 / hz, kLongest_ms))) : 0;
  apply(0, [](Instrument) { return 0; });
}

void Subscription::apply(std::uint64_t since, const Few::Since& since_of) {
  const auto mask = filter_.mask();
  reader_.set(mask, since, hub_.stock());
  std::vector<Instrument> few;
  std::copy_if(filter_.instruments.begin(), filter_.instruments.end(), std::back_inserter(few),
               [&](Instrument one) { return (mask & mask_of(one.segment)) == 0; });
  if (few_ == nullptr && !few.empty()) few_ = std::make_unique<Few>(hub_.latest_, *this);
  if (few_ != nullptr) few_->set(few, since_of);
  due_ms_ = 0;
  leave_lists();
  enlist();
  if (!filter_.empty()) hub_.mark(*this);
}

void Subscription::enlist() {
  if (filter_.empty()) return;
  join(hub_.all_, &Subscription::in_all_, *this);
  if (filter_.mask() == 0 || every_ms_ != 0) return;
  join(hub_.readers_, &Subscription::in_readers_, *this);
  if (filter_.mask() != kEverySegment) return;
  counted_ = true;
  hub_.formats_.add_reader(format_, hub_.version() + 1);
}

void Subscription::leave_lists() {
  leave(hub_.all_, &Subscription::in_all_, *this);
  leave(hub_.readers_, &Subscription::in_readers_, *this);
  leave(hub_.resting_, &Subscription::in_resting_, *this);
  if (rated_ms_) hub_.rated_.erase({*rated_ms_, this});
  rated_ms_.reset();
  if (std::exchange(counted_, false)) hub_.formats_.remove_reader(format_);
}

void Subscription::join(std::vector<Subscription*>& list, Place Subscription::*index,
                        Subscription& one) {
  one.*index = static_cast<Place>(list.size());
  list.push_back(&one);
}

void Subscription::leave(std::vector<Subscription*>& list, Place Subscription::*index,
                         Subscription& one) {
  const auto at = std::exchange(one.*index, kNowhere);
  if (at == kNowhere) return;
  list[at] = list.back();
  if (list[at] != &one) list[at]->*index = at;
  list.pop_back();
}

}  // namespace ltp::serve
