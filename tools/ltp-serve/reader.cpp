#include "reader.hpp"

#include <algorithm>

namespace ltp::serve {

SegmentMask Reader::mask() const noexcept {
  SegmentMask mask = 0;
  for (const Part& part : parts_) mask |= part.mask;
  return mask;
}

std::uint64_t Reader::heard(Segment segment) const noexcept {
  for (const Part& part : parts_)
    if ((part.mask & mask_of(segment)) != 0) return part.at;
  return 0;
}

void Reader::set(SegmentMask wanted, std::uint64_t since, const Stock& stock) {
  const auto& latest = stock.latest;
  for (Part& part : parts_) {
    if ((part.mask & ~wanted) == 0) continue;
    // The count goes on with the rest, of which these are still to be given.
    part.mask &= wanted;
    const auto owed = latest.moved_after(std::max(part.at, part.since), part.mask);
    part.base = latest.arrived(part.mask) - owed;
    part.given = part.told = 0;
  }
  std::erase_if(parts_, [](const Part& part) { return part.mask == 0; });
  const auto added = static_cast<SegmentMask>(wanted & ~mask());
  if (added == 0) return;
  const auto last = stock.log.last();
  const bool caught_up = latest.first_after(since, Latest::kNone) == Latest::kNone;
  parts_.push_back({.mask = added,
                    .at = caught_up ? last : std::min(since, last),
                    .since = last,
                    .base = latest.arrived(added)});
}

bool Reader::done(const LineLog& log) const noexcept {
  return std::all_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.at == log.last(); });
}

bool Reader::can_read_log(const Stock& stock, std::uint64_t others_seen) const noexcept {
  if (parts_.size() != 1) return false;
  const auto& log = stock.log;
  const Part& part = parts_.front();
  const auto next = part.at + 1;
  // Midway through the latest values other lines are out that the log still has.
  if (part.at < part.since || others_seen >= next || !log.has(next)) return false;
  const auto behind = log.bytes_from(next);
  return behind <= kLittleBehind || (behind <= kMaxBehind && next > stock.stale);
}

bool Reader::give_log(const Stock& stock, const Format& format, Sink& sink, std::string& buffer,
                      std::int64_t now_ms) {
  Part& part = parts_.front();
  const auto next = part.at + 1;
  if (part.mask == kEverySegment && format.has(next)) {
    const auto piece = format.from(next, Sink::kChunk);
    if (!sink.write(piece.frames)) return false;
    part.at = piece.to;
    part.given += piece.ticks;
  } else {
    Parcel parcel(buffer, format.wrap(), now_ms);
    auto version = next;
    std::uint64_t ticks = 0;
    for (; stock.log.has(version) && parcel.size() < Sink::kChunk; ++version) {
      const auto record = stock.log.at(version);
      if (record.entry == LineLog::kOther) {
        parcel.other(record.line);
      } else if ((mask_of(stock.latest[record.entry].instrument.segment) & part.mask) != 0) {
        parcel.tick(record.line, version);
        ++ticks;
      }
    }
    if (const auto all = parcel.done(); !all.empty() && !sink.write(all)) return false;
    part.at = version - 1;
    part.given += ticks;
  }
  settle(part, stock);
  return true;
}

bool Reader::give_latest(const Stock& stock, const Wrap& wrap, Sink& sink, std::string& buffer,
                         std::int64_t now_ms) {
  const auto& latest = stock.latest;
  const auto behind = std::find_if(parts_.begin(), parts_.end(),
                                   [&](const Part& part) { return part.at != stock.log.last(); });
  if (behind == parts_.end()) return true;

  Part part = *behind;  // as it will be if the sink takes this
  Parcel parcel(buffer, wrap, now_ms);
  auto i = latest.first_after(part.at, part.hint);
  for (; i != Latest::kNone && parcel.size() < Sink::kChunk; i = latest[i].newer) {
    const auto& entry = latest[i];
    part.at = entry.version;
    part.hint = i;
    if ((mask_of(entry.instrument.segment) & part.mask) == 0) continue;
    parcel.tick(entry.line, entry.version);
    part.given += entry.version > part.since;
  }
  if (i == Latest::kNone) part.at = stock.log.last();
  if (wrap.tells)
    if (const auto lost = skipped(part, latest); lost > 0) {
      parcel.other(conflated_line(lost));
      part.told += lost;
    }
  if (const auto all = parcel.done(); !all.empty() && !sink.write(all)) return false;
  *behind = part;
  settle(*behind, stock);
  return true;
}

std::uint64_t Reader::skipped(const Part& part, const Latest& latest) {
  return latest.arrived(part.mask) - part.base - part.given - part.told -
         latest.moved_after(std::max(part.at, part.since), part.mask);
}

/// Who has caught up begins to count anew, and is one with others who have.
void Reader::settle(Part& part, const Stock& stock) {
  if (part.at != stock.log.last()) return;
  part.base = stock.latest.arrived(part.mask);
  part.given = part.told = 0;
  part.since = part.at;
  if (parts_.size() == 1 || !done(stock.log)) return;
  Part one = parts_.front();
  one.mask = mask();
  one.base = stock.latest.arrived(one.mask);
  parts_ = {one};
}

}  // namespace ltp::serve
