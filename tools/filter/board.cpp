#include "filter/board.hpp"

#include <cassert>

namespace ltp::filter {

std::optional<std::int64_t> Board::put(Instrument instrument, std::string_view price,
                                       std::string_view line, Parts parts, std::int64_t now_ms) {
  const Index index = numbers_.number(instrument) + 1;
  if (index == slots_.size()) slots_.push_back({.instrument = instrument});
  Slot& slot = slots_[index];
  slot.price.assign(price);
  slot.line.assign(line);
  return put(slot, index, parts, now_ms);
}

std::optional<std::int64_t> Board::put_status(std::string_view line, Parts parts,
                                              std::int64_t now_ms) {
  slots_[kStatus].line.assign(line);
  return put(slots_[kStatus], kStatus, parts, now_ms);
}

std::optional<std::int64_t> Board::put(Slot& slot, Index index, Parts parts, std::int64_t now_ms) {
  slot.put_ms = now_ms;
  slot.todo = parts;
  if (slot.waits) return slot.since_ms;
  wait(slot, index);
  return std::nullopt;
}

void Board::wait(Slot& slot, Index index) {
  slot.waits = true;
  slot.since_ms = slot.put_ms;
  queue_.push_back(index);
}

Board::Index Board::pop() {
  assert(waiting() > 0);
  const Index index = queue_.front();
  queue_.pop_front();
  slots_[index].waits = false;
  return index;
}

bool Board::put_back(Index index, Parts parts) {
  Slot& slot = slots_[index];
  slot.todo |= parts;
  if (slot.waits) return false;
  wait(slot, index);
  return true;
}

}  // namespace ltp::filter
