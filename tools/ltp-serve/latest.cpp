#include "latest.hpp"

#include "few.hpp"

namespace ltp::serve {

std::uint32_t Latest::entry_of(Instrument instrument) {
  const auto found = index_.find(instrument);
  if (found != index_.end()) return found->second;
  std::uint32_t entry;
  if (free_.empty()) {
    entry = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    entry = free_.back();
    free_.pop_back();
  }
  entries_[entry].instrument = instrument;
  index_.emplace(instrument, entry);
  return entry;
}

const Latest::Entry* Latest::find(Instrument instrument) const {
  const auto found = index_.find(instrument);
  if (found == index_.end() || entries_[found->second].version == 0) return nullptr;
  return &entries_[found->second];
}

void Latest::update(std::uint32_t index, const line::TickLine& tick, std::string_view line,
                    std::int64_t at_ms, std::uint64_t version) {
  Entry& entry = entries_[index];
  entry.line.assign(line);
  entry.price.assign(tick.ltp);
  entry.recv_us = tick.recv_us;
  entry.at_ms = at_ms;
  if (entry.version == 0) ++known_;
  entry.version = version;
  ++entry.count;
  ++arrived_[static_cast<std::size_t>(entry.instrument.segment)];

  if (newest_ == index) return;
  if (entry.newer != kNone) {  // out of its place
    entries_[entry.newer].older = entry.older;
    (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  }
  entry.older = newest_;
  entry.newer = kNone;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
  newest_ = index;
}

void Latest::watch(std::uint32_t entry, Watcher watcher) {
  watcher.few->set_place(watcher.slot, static_cast<std::uint32_t>(entries_[entry].watchers.size()));
  entries_[entry].watchers.push_back(watcher);
}

void Latest::unwatch(std::uint32_t index, std::uint32_t place) {
  Entry& entry = entries_[index];
  auto& watchers = entry.watchers;
  watchers[place] = watchers.back();
  watchers[place].few->set_place(watchers[place].slot, place);
  watchers.pop_back();
  drop_if_empty(index);
}

void Latest::drop_if_empty(std::uint32_t index) {
  Entry& entry = entries_[index];
  if (!entry.watchers.empty()) return;
  entry.watchers.shrink_to_fit();
  if (entry.version != 0) return;
  index_.erase(entry.instrument);
  free_.push_back(index);
}

std::uint32_t Latest::first_after(std::uint64_t version, std::uint32_t hint) const noexcept {
  if (version == 0) return oldest_;
  if (hint != kNone && entries_[hint].version == version) return entries_[hint].newer;
  std::uint32_t first = kNone;
  for (auto i = newest_; i != kNone && entries_[i].version > version; i = entries_[i].older)
    first = i;
  return first;
}

std::uint64_t Latest::moved_after(std::uint64_t version, SegmentMask mask) const noexcept {
  std::uint64_t moved = 0;
  for (auto i = newest_; i != kNone && entries_[i].version > version; i = entries_[i].older)
    moved += (mask_of(entries_[i].instrument.segment) & mask) != 0;
  return moved;
}

std::uint64_t Latest::arrived(SegmentMask mask) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < arrived_.size(); ++i)
    if ((mask >> i & 1) != 0) sum += arrived_[i];
  return sum;
}

}  // namespace ltp::serve
