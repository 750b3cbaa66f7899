#include "hub.hpp"

#include <algorithm>

namespace ltp::serve {
namespace {

bool is_late(const Latest::Entry& latest, const line::TickLine& tick, std::string_view line,
             std::int64_t at_ms) {
  if (!tick.recv_us || !latest.recv_us) return false;
  const auto was = *latest.recv_us;
  const auto is = *tick.recv_us;
  if (is == was) return line == latest.line;
  return 0 <= is && is < was && was - is < Hub::kLate_us && latest.at_ms <= at_ms &&
         at_ms - latest.at_ms < Hub::kLate_ms;
}

}  // namespace

Hub::Hub(std::function<std::int64_t()> clock) : clock_(std::move(clock)) {}
Hub::~Hub() = default;

// ---- what comes in

bool Hub::tick(const line::TickLine& tick, std::string_view line, std::int64_t at_ms) {
  const auto index = latest_.entry_of(tick.instrument);
  if (!latest_.takes(index)) {
    latest_.drop_if_empty(index);
    return false;
  }
  if (is_late(latest_[index], tick, line, at_ms)) {
    ++late_;
    return true;
  }
  const auto version = log_.last() + 1;
  const auto& watchers = latest_[index].watchers;
  // Also for who rests or has a rate: he may read the log again from where he is.
  const bool wanted = !watchers.empty() || !all_.empty();
  log_.append(index, wanted ? line : std::string_view{});
  latest_.update(index, tick, line, at_ms, version);
  formats_.append(line, version, true);
  for (const auto [few, slot] : watchers) {
    few->due(slot, version);
    mark(few->owner());
  }
  appended(wanted ? line.size() : 0);
  return true;
}

void Hub::other(std::string_view line, bool is_status) {
  if (dirty() && !flushing_) flush();  // what came before it goes out before it, to all
  const auto version = log_.last() + 1;
  log_.append(LineLog::kOther, line);
  formats_.append(line, version, false);
  others_.push_back({version, std::string(line)});
  if (others_.size() > kMaxOthers) others_.pop_front();
  if (is_status) status_ = others_.back();
  for (Subscription* subscription : all_) mark(*subscription);
  appended(line.size());
}

/// A large batch is handed on in pieces: who keeps up must not fall behind for it.
void Hub::appended(std::size_t bytes) {
  constexpr std::size_t kForTheRecord = 8;
  unflushed_bytes_ += bytes + kForTheRecord;
  if (unflushed_bytes_ >= Sink::kChunk) flush();
}

void Hub::mark(Subscription& subscription) {
  if (subscription.in_marked_ == Subscription::kNowhere)
    Subscription::join(marked_, &Subscription::in_marked_, subscription);
}

// ---- what goes out

void Hub::flush() {
  unflushed_bytes_ = 0;
  const auto now_ms = clock_();
  grow_stale(now_ms);
  if (dirty()) {
    flushed_ = log_.last();
    std::size_t given = 0;
    for (Subscription* reader : readers_) {
      if (!reader->blocked_) give(*reader);
      if (++given % kBreath == 0) breathe();
    }
    while (!resting_.empty()) {
      Subscription& reader = *resting_.back();
      Subscription::leave(resting_, &Subscription::in_resting_, reader);
      mark(reader);
    }
  }
  while (!marked_.empty()) {
    Subscription& marked = *marked_.back();
    Subscription::leave(marked_, &Subscription::in_marked_, marked);
    if (!marked.blocked_) give_when_due(marked);
  }
  while (!rated_.empty() && rated_.begin()->first <= now_ms) {
    Subscription& due = *rated_.begin()->second;
    rated_.erase(rated_.begin());
    due.rated_ms_.reset();
    if (!due.blocked_) give_when_due(due);
  }
  log_.trim(stale_);
  formats_.trim(stale_);
  if (on_flushed) on_flushed();
}

/// In the middle of many: for what must not wait until all are through.
void Hub::breathe() {
  flushing_ = true;
  if (on_flushed) on_flushed();
  flushing_ = false;
}

void Hub::grow_stale(std::int64_t now_ms) {
  constexpr std::int64_t kMarkEvery_ms = 50;
  if (marks_.empty() || now_ms - marks_.back().first >= kMarkEvery_ms)
    marks_.emplace_back(now_ms, log_.last());
  while (now_ms - marks_.front().first > kStale_ms) {
    stale_ = marks_.front().second;
    marks_.pop_front();
    if (marks_.empty()) return;
  }
}

void Hub::flush(Subscription& subscription) {
  subscription.blocked_ = false;
  give_when_due(subscription);
}

std::optional<std::int64_t> Hub::next_due_ms() const {
  if (rated_.empty()) return std::nullopt;
  return rated_.begin()->first;
}

void Hub::give_when_due(Subscription& subscription) {
  if (subscription.filter_.empty()) return;  // it waits
  if (subscription.every_ms_ == 0) {
    give(subscription);
    return;
  }
  const auto now_ms = clock_();
  if (now_ms < subscription.due_ms_) {
    if (!give_others(subscription) || subscription.rated_ms_) return;
    subscription.rated_ms_ = subscription.due_ms_;
    const auto place = rated_.emplace(subscription.due_ms_, &subscription).first;
    if (place == rated_.begin() && on_due) on_due();
    return;
  }
  subscription.due_ms_ = now_ms + subscription.every_ms_;
  if (!give(subscription)) {
    subscription.due_ms_ = now_ms;  // the rest when the sink takes it
  } else if (subscription.reader_.mask() != 0 &&
             subscription.in_resting_ == Subscription::kNowhere) {
    Subscription::join(resting_, &Subscription::in_resting_, subscription);
  }
}

/// All that is due; false: its sink took not all of it.
bool Hub::give(Subscription& subscription) {
  auto& reader = subscription.reader_;
  auto& sink = subscription.sink_;
  const auto& format = subscription.format_;
  const bool latest_only = subscription.every_ms_ != 0;
  // The time that a batch of updates bears, and nothing else.
  const auto now_ms = format.wrap().batch == Wrap::Batch::kUpdates ? wall_us() / 1000 : 0;
  const auto blocked = [&] {
    subscription.blocked_ = true;
    return false;
  };
  if (!give_status(subscription)) return false;
  while (!reader.done(log_)) {
    if (!latest_only && reader.can_read_log(stock(), subscription.others_seen_)) {
      if (!reader.give_log(stock(), format, sink, buffer_, now_ms)) return blocked();
      subscription.others_seen_ = reader.place();
    } else {
      if (!give_others(subscription)) return false;
      if (!reader.give_latest(stock(), format.wrap(), sink, buffer_, now_ms)) return blocked();
    }
  }
  if (!give_others(subscription)) return false;
  if (subscription.few_ != nullptr &&
      !subscription.few_->give(log_, format.wrap(), sink, buffer_, now_ms, latest_only))
    return blocked();
  return true;
}

bool Hub::give_others(Subscription& subscription) {
  if (!give_status(subscription)) return false;
  const auto seen = subscription.others_seen_;
  if (others_.empty() || others_.back().version <= seen) return true;
  Parcel parcel(buffer_, subscription.format_.wrap(), 0);
  // The feed's last word may be no longer among those that are kept.
  if (status_.version > seen && status_.version < others_.front().version)
    parcel.other(status_.line);
  for (const Other& other : others_)
    if (other.version > seen) parcel.other(other.line);
  if (!write(subscription, parcel)) return false;
  subscription.others_seen_ = others_.back().version;
  return true;
}

/// The feed's last word before it was subscribed.
bool Hub::give_status(Subscription& subscription) {
  if (!subscription.status_due_) return true;
  if (status_.version != 0 && status_.version <= subscription.others_seen_) {
    Parcel parcel(buffer_, subscription.format_.wrap(), 0);
    parcel.other(status_.line);
    if (!write(subscription, parcel)) return false;
  }
  subscription.status_due_ = false;
  return true;
}

bool Hub::write(Subscription& subscription, Parcel& parcel) {
  subscription.blocked_ = !subscription.sink_.write(parcel.done());
  return !subscription.blocked_;
}

// ---- who wants it

std::unique_ptr<Subscription> Hub::subscribe(Sink& sink, const Filter& filter, const Wrap& wrap,
                                             std::uint64_t since) {
  std::unique_ptr<Subscription> made{new Subscription(*this, sink, formats_.get(wrap))};
  if (!filter.empty()) made->want(filter, since);
  return made;
}

std::optional<Hub::Price> Hub::price(Instrument instrument) const {
  const auto* entry = latest_.find(instrument);
  if (entry == nullptr) return std::nullopt;
  return Price{entry->price, entry->line, entry->at_ms, entry->recv_us};
}

std::string_view Hub::line(Instrument instrument) const {
  const auto* entry = latest_.find(instrument);
  return entry == nullptr ? std::string_view{} : entry->line;
}

std::uint64_t Hub::version_of(Instrument instrument) const {
  const auto* entry = latest_.find(instrument);
  return entry == nullptr ? 0 : entry->version;
}

void Hub::each(const std::function<void(Instrument, std::string_view line)>& visit) const {
  for (auto at = latest_.first_after(0, Latest::kNone); at != Latest::kNone; at = latest_[at].newer)
    visit(latest_[at].instrument, latest_[at].line);
}

}  // namespace ltp::serve
