#include "hub.hpp"

#include "net/frame.hpp"

#include <algorithm>
#include <utility>

namespace ltp::serve {

bool Filter::wants(Instrument instrument) const noexcept {
  return all || std::find(segments.begin(), segments.end(), instrument.segment) != segments.end() ||
         std::find(instruments.begin(), instruments.end(), instrument) != instruments.end();
}

Hub::Hub() = default;
Hub::~Hub() = default;

// ---- what comes in

std::uint32_t Hub::entry_of(Instrument instrument) {
  const auto [found, fresh] =
      index_.try_emplace(instrument, static_cast<std::uint32_t>(entries_.size()));
  if (fresh) {
    entries_.push_back({.instrument = instrument});
    for (Subscription* subscription : subscriptions_)
      if (!subscription->filter_.all && subscription->filter_.wants(instrument))
        watch(*subscription, found->second);
  }
  return found->second;
}

void Hub::tick(Instrument instrument, std::string_view line, std::string_view price,
               std::int64_t now_ms) {
  const auto index = entry_of(instrument);
  flush_before_overwriting(index);
  Entry& entry = entries_[index];
  entry.line.assign(line);
  entry.price.assign(price);
  entry.at_ms = now_ms;
  entry.version = ++version_;
  for (const auto [subscription, slot] : entry.watchers) {
    if (!std::exchange(subscription->slots_[slot].due, true)) subscription->due_.push_back(slot);
  }
  append_to_logs(line);
}

/// A subscriber of few that keeps up gets every line: what is still due of this
/// instrument goes out, if its sink takes it, before a newer line stands in its place.
void Hub::flush_before_overwriting(std::uint32_t entry) {
  for (const auto [subscription, slot] : entries_[entry].watchers)
    if (subscription->slots_[slot].due) flush(*subscription);
}

void Hub::other(std::string_view line, bool is_status) {
  others_.push_back({++version_, std::string(line)});
  if (others_.size() > kMaxOthers) others_.pop_front();
  if (is_status) status_.assign(line);
  append_to_logs(line);
}

void Hub::append_to_logs(std::string_view line) {
  for (auto& format : formats_) {
    if (format->readers == 0) continue;
    format->starts.push_back(format->log.size());
    append_frame(*format, format->log, line);
  }
  // A large batch is handed on in pieces: who keeps up must not fall behind for it.
  unflushed_bytes_ += line.size();
  if (unflushed_bytes_ >= kChunk) flush();
}

// ---- frames

void Hub::append_frame(const Format& format, std::string& out, std::string_view line) {
  net::append_text_frame_head(out, format.prefix.size() + line.size() + format.suffix.size());
  out.append(format.prefix).append(line).append(format.suffix);
}

std::string_view Hub::frame(Format& format, std::uint32_t entry) {
  if (format.frames.size() <= entry) format.frames.resize(entries_.size());
  auto& frame = format.frames[entry];
  if (frame.version != entries_[entry].version) {
    frame.version = entries_[entry].version;
    frame.bytes.clear();
    append_frame(format, frame.bytes, entries_[entry].line);
  }
  return frame.bytes;
}

Hub::Format& Hub::format_of(std::string_view prefix, std::string_view suffix) {
  for (auto& format : formats_)
    if (format->prefix == prefix && format->suffix == suffix) return *format;
  formats_.push_back(std::make_unique<Format>());
  formats_.back()->prefix = prefix;
  formats_.back()->suffix = suffix;
  return *formats_.back();
}

void Hub::trim(Format& format) {
  if (format.log.size() <= kLogBytes) return;
  // Half goes, whoever still wanted it: they get the latest of each instrument instead.
  const auto keep = std::lower_bound(format.starts.begin(), format.starts.end(), kLogBytes / 2);
  const std::size_t cut = keep == format.starts.end() ? format.log.size() : *keep;
  format.first += static_cast<std::uint64_t>(keep - format.starts.begin());
  format.starts.erase(format.starts.begin(), keep);
  for (auto& start : format.starts) start -= cut;
  format.log.erase(0, cut);
}

// ---- who wants it

std::unique_ptr<Subscription> Hub::subscribe(Sink& sink, Filter filter, std::string_view prefix,
                                             std::string_view suffix) {
  auto& format = format_of(prefix, suffix);
  std::unique_ptr<Subscription> made{new Subscription(*this, sink, std::move(filter), format)};
  if (!status_.empty()) {
    scratch_.clear();
    append_frame(format, scratch_, status_);
    // A sink that takes nothing yet still learns it: from the log of other lines.
    if (!sink.write(scratch_) && !others_.empty()) {
      const auto latest = std::find_if(others_.rbegin(), others_.rend(),
                                       [&](const Other& other) { return other.line == status_; });
      if (latest != others_.rend()) made->others_seen_ = latest->version - 1;
    }
  }
  return made;
}

Subscription::Subscription(Hub& hub, Sink& sink, Filter filter, Hub::Format& format)
    : hub_(hub), sink_(sink), filter_(std::move(filter)), format_(format) {
  index_ = hub_.subscriptions_.size();
  hub_.subscriptions_.push_back(this);
  others_seen_ = hub_.version_;
  ++format_.users;
  if (filter_.all) {
    if (format_.readers++ == 0) format_.first = hub_.version_ + 1;
    return;
  }
  for (std::uint32_t entry = 0; entry < hub_.entries_.size(); ++entry)
    if (filter_.wants(hub_.entries_[entry].instrument)) {
      hub_.watch(*this, entry);
      slots_.back().due = true;
      due_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
}

Subscription::~Subscription() {
  auto& all = hub_.subscriptions_;
  all[index_] = all.back();
  all[index_]->index_ = index_;
  all.pop_back();
  for (const Slot& slot : slots_)
    std::erase_if(hub_.entries_[slot.entry].watchers,
                  [this](const Hub::Watcher& watcher) { return watcher.subscription == this; });
  if (filter_.all && --format_.readers == 0) {
    format_.log.clear();
    format_.starts.clear();
  }
  if (--format_.users == 0)
    std::erase_if(hub_.formats_, [this](const auto& format) { return format.get() == &format_; });
}

void Hub::watch(Subscription& subscription, std::uint32_t entry) {
  entries_[entry].watchers.push_back(
      {&subscription, static_cast<std::uint32_t>(subscription.slots_.size())});
  subscription.slots_.push_back({entry, false});
}

// ---- what goes out

void Hub::flush() {
  unflushed_bytes_ = 0;
  if (flushed_version_ == version_) return;
  flushed_version_ = version_;
  for (Subscription* subscription : subscriptions_) flush(*subscription);
  for (auto& format : formats_) trim(*format);
}

void Hub::flush(Subscription& subscription) {
  if (!subscription.filter_.all) {
    flush_others(subscription) && flush_few(subscription);
    return;
  }
  while (subscription.seen_ != version_) {
    const Format& format = subscription.format_;
    const auto next = subscription.seen_ + 1;
    // Midway through the latest values other lines are out that the log still has.
    const bool in_log = next >= format.first && subscription.others_seen_ < next &&
                        format.log.size() - format.starts[next - format.first] <= kMaxBehind;
    if (!(in_log ? flush_log(subscription) : flush_latest(subscription))) return;
  }
}

/// The next frames of the log, as they are; false: the sink takes no more.
bool Hub::flush_log(Subscription& subscription) {
  const Format& format = subscription.format_;
  const auto from = subscription.seen_ + 1 - format.first;
  const auto begin = format.starts[from];
  auto to = from + 1;
  const auto end_of = [&](std::size_t i) {
    return i < format.starts.size() ? format.starts[i] : format.log.size();
  };
  if (format.log.size() - begin <= kChunk) {
    to = format.starts.size();
  } else {
    while (to < format.starts.size() && end_of(to + 1) - begin <= kChunk) ++to;
  }
  if (!subscription.sink_.write({format.log.data() + begin, end_of(to) - begin})) return false;
  subscription.seen_ = format.first + to - 1;
  subscription.others_seen_ = subscription.seen_;
  return true;
}

/// The latest of every instrument that moved since, oldest first, a chunk of them.
bool Hub::flush_latest(Subscription& subscription) {
  if (!flush_others(subscription)) return false;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> moved;
  for (std::uint32_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].version > subscription.seen_) moved.emplace_back(entries_[i].version, i);
  std::sort(moved.begin(), moved.end());

  scratch_.clear();
  std::size_t taken = 0;
  for (; taken < moved.size() && (taken == 0 || scratch_.size() < kChunk); ++taken)
    scratch_.append(frame(subscription.format_, moved[taken].second));
  if (!scratch_.empty() && !subscription.sink_.write(scratch_)) return false;
  subscription.seen_ = taken == moved.size() ? version_ : moved[taken - 1].first;
  return true;
}

bool Hub::flush_few(Subscription& subscription) {
  while (!subscription.due_.empty()) {
    scratch_.clear();
    std::size_t taken = 0;
    for (; taken < subscription.due_.size() && (taken == 0 || scratch_.size() < kChunk); ++taken)
      scratch_.append(
          frame(subscription.format_, subscription.slots_[subscription.due_[taken]].entry));
    if (!subscription.sink_.write(scratch_)) return false;
    for (; taken > 0; --taken) {
      subscription.slots_[subscription.due_.front()].due = false;
      subscription.due_.pop_front();
    }
  }
  return true;
}

bool Hub::flush_others(Subscription& subscription) {
  if (others_.empty() || others_.back().version <= subscription.others_seen_) return true;
  scratch_.clear();
  for (const Other& other : others_)
    if (other.version > subscription.others_seen_)
      append_frame(subscription.format_, scratch_, other.line);
  if (!subscription.sink_.write(scratch_)) return false;
  subscription.others_seen_ = others_.back().version;
  return true;
}

std::optional<Hub::Price> Hub::price(Instrument instrument) const {
  const auto found = index_.find(instrument);
  if (found == index_.end()) return std::nullopt;
  const Entry& entry = entries_[found->second];
  return Price{entry.price, entry.at_ms};
}

}  // namespace ltp::serve
