#include "few.hpp"

#include <algorithm>
#include <utility>

namespace ltp::serve {

Few::~Few() {
  for (const Slot& slot : slots_) latest_.unwatch(slot.entry, slot.place);
}

// ---- what is wanted

void Few::set(const std::vector<Instrument>& wanted, const Since& since) {
  std::vector<Instrument> had;
  had.reserve(slots_.size());
  bool moved = false;  // slots, or something is due that no queue has
  for (auto slot = static_cast<std::uint32_t>(slots_.size()); slot-- > 0;) {
    const Instrument instrument = latest_[slots_[slot].entry].instrument;
    if (std::binary_search(wanted.begin(), wanted.end(), instrument)) {
      had.push_back(instrument);
    } else {
      remove(slot);
      moved = true;
    }
  }
  std::sort(had.begin(), had.end());
  for (const Instrument instrument : wanted)
    if (!std::binary_search(had.begin(), had.end(), instrument))
      moved |= add(instrument, since(instrument));
  if (moved) fall_behind();
}

/// True if its line is due.
bool Few::add(Instrument instrument, std::uint64_t since) {
  const auto index = latest_.entry_of(instrument);
  const auto& entry = latest_[index];
  slots_.push_back({.entry = index,
                    .place = 0,
                    .given = entry.count & (UINT64_MAX >> 1),
                    .fresh = entry.version > since});
  latest_.watch(index, {this, static_cast<std::uint32_t>(slots_.size() - 1)});
  return entry.version > since;
}

void Few::remove(std::uint32_t slot) {
  latest_.unwatch(slots_[slot].entry, slots_[slot].place);
  slots_[slot] = slots_.back();
  slots_.pop_back();
  if (slot < slots_.size()) latest_[slots_[slot].entry].watchers[slots_[slot].place].slot = slot;
}

// ---- what is due

void Few::due(std::uint32_t slot, std::uint64_t version) {
  if (behind_) return;
  if (due_.size() - due_begin_ >= kMaxDue) return fall_behind();
  due_.push_back({version, slot});
}

void Few::fall_behind() {
  behind_ = true;
  due_ = {};
  due_begin_ = 0;
}

bool Few::give(const LineLog& log, const Wrap& wrap, Sink& sink, std::string& buffer,
               std::int64_t now_ms, bool latest_only) {
  if (slots_.empty()) return true;
  if (latest_only || (due_begin_ < due_.size() && !log.has(due_[due_begin_].version)))
    fall_behind();
  if (behind_) {
    if (!give_latest(wrap, sink, buffer, now_ms)) return false;
    behind_ = latest_only;
    return true;
  }
  return give_queue(log, wrap, sink, buffer, now_ms);
}

bool Few::give_queue(const LineLog& log, const Wrap& wrap, Sink& sink, std::string& buffer,
                     std::int64_t now_ms) {
  while (due_begin_ < due_.size()) {
    Parcel parcel(buffer, wrap, now_ms);
    auto end = due_begin_;
    while (end < due_.size() && parcel.size() < Sink::kChunk) {
      parcel.tick(log.at(due_[end].version).line, due_[end].version);
      ++end;
    }
    if (!sink.write(parcel.done())) return false;
    for (; due_begin_ < end; ++due_begin_) ++slots_[due_[due_begin_].slot].given;
  }
  due_.clear();
  due_begin_ = 0;
  return true;
}

bool Few::give_latest(const Wrap& wrap, Sink& sink, std::string& buffer, std::int64_t now_ms) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> moved;  // version, slot
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const auto& entry = latest_[slots_[i].entry];
    if (slots_[i].fresh || entry.count > slots_[i].given) moved.emplace_back(entry.version, i);
  }
  std::sort(moved.begin(), moved.end());

  for (std::size_t begin = 0; begin < moved.size();) {
    Parcel parcel(buffer, wrap, now_ms);
    std::uint64_t skipped = 0;
    auto end = begin;
    for (; end < moved.size() && parcel.size() < Sink::kChunk; ++end) {
      const Slot& slot = slots_[moved[end].second];
      const auto& entry = latest_[slot.entry];
      parcel.tick(entry.line, entry.version);
      if (entry.count > slot.given) skipped += entry.count - slot.given - 1;
    }
    if (skipped > 0 && wrap.tells) parcel.other(conflated_line(skipped));
    if (!sink.write(parcel.done())) return false;
    for (; begin < end; ++begin) {
      Slot& slot = slots_[moved[begin].second];
      slot.given = latest_[slot.entry].count & (UINT64_MAX >> 1);
      slot.fresh = 0;
    }
  }
  return true;
}

}  // namespace ltp::serve
