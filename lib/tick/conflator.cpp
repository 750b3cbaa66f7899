#include "tick/conflator.hpp"

#include <cassert>

namespace ltp {

void Conflator::put(Instrument instrument, std::string_view text, std::int64_t now_ms) {
  const auto [found, fresh] = index_.try_emplace(instrument, slots_.size());
  if (fresh) slots_.push_back({instrument, {}, 0, false});
  Slot& slot = slots_[found->second];
  slot.text.assign(text);
  slot.put_ms = now_ms;
  if (slot.waits) {
    ++merged_;
  } else {
    slot.waits = true;
    waiting_.push_back(found->second);
  }
}

Conflator::Entry Conflator::pop() {
  assert(!empty());
  Slot& slot = slots_[waiting_.front()];
  waiting_.pop_front();
  slot.waits = false;
  return {slot.instrument, slot.text, slot.put_ms};
}

}  // namespace ltp
