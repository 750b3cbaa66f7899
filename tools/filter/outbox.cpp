#include "filter/outbox.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"

#include <utility>

namespace ltp::filter {
namespace {

constexpr std::int64_t kTellAgain_ms = 60'000;

std::size_t size_of(Command command) noexcept {
  std::size_t bytes = 0;
  for (const auto word : command) bytes += word.size();
  return bytes;
}

}  // namespace

Outbox::Outbox(loop::Loop& loop, const redis::Address& address, Words words, Filter& filter,
               Events events)
    : redis_(cat("Redis at ", address.label())),
      words_(words),
      filter_(filter),
      events_(std::move(events)),
      refusals_(loop, Tally::When::kAtOnce,
                [this](auto n) {
                  cli::log::error(cat(redis_, " refused ", counted(n, "command"), ": ", refusal_));
                }),
      overtaken_(loop, Tally::When::kSummed,
                 [this](auto n) {
                   cli::log::warn(cat(redis_, " is slow: ", counted(n, words_.item),
                                      " gave way to a newer one of the same instrument"));
                 }),
      dropped_(loop, Tally::When::kSummed,
               [this](auto n) {
                 cli::log::warn(cat(counted(n, "line"), " of other types could not be ",
                                    words_.done, " while ", redis_, " was away"));
               }),
      client_(loop, address, words.tool,
              {.on_up = [this] { on_up(); },
               .on_down = [this](const std::string& reason, loop::Ms) { on_down(reason); },
               .on_drained = {}}) {}

bool Outbox::has_room() const noexcept {
  return client_.up() && in_flight_.size() < kMaxCommands && in_flight_bytes_ < kMaxBytes;
}

bool Outbox::idle() const noexcept {
  return in_flight_.empty() && held_.empty() && held_status_.empty();
}

void Outbox::put(Instrument instrument, std::string_view text) {
  if (held_.empty() && has_room()) {
    send_item(instrument, text, steady_ms());
  } else {
    hold(instrument, text);
    send_held();
  }
}

void Outbox::put_status(std::string_view text) {
  held_status_ = text;
  held_status_ms_ = steady_ms();
  send_held();
}

bool Outbox::offer(Command command, Loss loss) {
  if (!has_room()) {
    if (loss == Loss::kCounted) dropped_.add();
    return false;
  }
  send(command, {.once = true, .loss = loss});
  return true;
}

void Outbox::hold(Instrument instrument, std::string_view text) {
  const auto merged_before = held_.merged();
  held_.put(instrument, text, steady_ms());
  if (client_.up()) overtaken_.add(held_.merged() - merged_before);
}

void Outbox::send_held() {
  if (!held_status_.empty() && has_room())
    send_item(std::nullopt, std::exchange(held_status_, {}), held_status_ms_);
  while (!held_.empty() && has_room()) {
    const auto entry = held_.pop();
    send_item(entry.instrument, entry.text, entry.put_ms);
  }
}

void Outbox::send_item(std::optional<Instrument> instrument, std::string_view text,
                       std::int64_t put_ms) {
  const auto command = filter_.compose({instrument, text, steady_ms() - put_ms});
  if (command.empty()) return;
  send(command, {.instrument = instrument, .text = std::string(text), .put_ms = put_ms});
}

void Outbox::send(Command command, InFlight entry) {
  entry.bytes = size_of(command);
  in_flight_bytes_ += entry.bytes;
  in_flight_.push_back(std::move(entry));
  ++sent_;
  client_.command(command, [this](const redis::Reply* reply) { on_reply(reply); });
}

void Outbox::on_reply(const redis::Reply* reply) {
  auto entry = std::move(in_flight_.front());
  in_flight_.pop_front();
  in_flight_bytes_ -= entry.bytes;
  if (reply == nullptr) {
    returned_.push_back(std::move(entry));
  } else if (reply->is_error()) {
    on_refused(entry, reply->text);
  } else if (entry.instrument && !refused_.empty()) {
    refused_.erase(*entry.instrument);
  }
  if (reply != nullptr) send_held();
  events_.on_answered();
}

void Outbox::on_refused(const InFlight& entry, std::string_view error) {
  refusal_ = printable(error, 200);
  refusals_.add();
  if (entry.instrument) refused_.insert(*entry.instrument);
}

// What is held already was put later than what comes back now, so it goes on top.
void Outbox::hold_returned() {
  auto newer = std::exchange(held_, {});
  for (const auto& entry : returned_) {
    if (entry.once) {
      if (entry.loss == Loss::kCounted) dropped_.add();
    } else if (entry.instrument) {
      held_.put(*entry.instrument, entry.text, entry.put_ms);
    }
  }
  while (!newer.empty()) {
    const auto entry = newer.pop();
    held_.put(entry.instrument, entry.text, entry.put_ms);
  }
  for (auto entry = returned_.rbegin(); entry != returned_.rend() && held_status_.empty(); ++entry)
    if (!entry->once && !entry->instrument) {
      held_status_ = entry->text;
      held_status_ms_ = entry->put_ms;
    }
  returned_.clear();
}

void Outbox::on_up() {
  away_reason_.clear();
  if (std::exchange(told_away_, false)) {
    cli::log::info(cat(redis_, " is back; ", counted(held_.size(), words_.item),
                       held_.size() == 1 ? " was" : " were", " held for it"));
  } else {
    cli::log::debug(cat("connected to ", redis_));
  }
  send_held();
  flush();
  know();
}

void Outbox::on_down(const std::string& reason) {
  hold_returned();
  away_reason_ = reason;
  const auto now_ms = steady_ms();
  if (reason != told_reason_ || now_ms - told_ms_ >= kTellAgain_ms) {
    cli::log::warn(cat(redis_, " is away (", reason, "); lines pass on, the latest ", words_.item,
                       "s are held; retrying until it is back"));
    told_reason_ = reason;
    told_ms_ = now_ms;
    told_away_ = true;
  }
  know();
}

void Outbox::know() {
  if (!std::exchange(known_, true)) events_.on_known();
}

std::size_t Outbox::give_up() {
  client_.stop();
  for (auto& entry : std::exchange(in_flight_, {})) returned_.push_back(std::move(entry));
  hold_returned();

  auto lacking = refused_;
  const auto now_ms = steady_ms();
  while (!held_.empty()) {
    const auto entry = held_.pop();
    if (!filter_.compose({entry.instrument, entry.text, now_ms - entry.put_ms}).empty())
      lacking.insert(entry.instrument);
  }
  const std::size_t count = lacking.size() + (held_status_.empty() ? 0 : 1);
  if (count == 0) return 0;
  cli::log::error(cat("the latest ", words_.item, "s of ", counted(count, "instrument"),
                      " were not ", words_.done, ": ", why_lacking()));
  return count;
}

std::string Outbox::why_lacking() const {
  if (!away_reason_.empty()) return cat(redis_, " is away (", away_reason_, ")");
  if (!refusal_.empty()) return cat(redis_, " refused them (", refusal_, ")");
  return cat(redis_, " did not answer in time");
}

}  // namespace ltp::filter
