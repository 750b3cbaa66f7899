#include "filter/outbox.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "redis/reply_fault.hpp"

#include <algorithm>
#include <utility>

namespace ltp::filter {
namespace {

constexpr std::int64_t kTellAgain_ms = 60'000;
constexpr std::int64_t kSlow_ms = 100;  // a price that has waited so long is told of

/// About what it takes on the wire, where each word has its length before it.
std::size_t size_of(Command command) noexcept {
  std::size_t bytes = 0;
  for (const auto word : command) bytes += word.size() + 8;
  return bytes;
}

/// Nothing but time, or somebody's care for the server, is needed.
bool passes(redis::ReplyFault fault) noexcept {
  using redis::ReplyFault;
  return fault == ReplyFault::kMemory || fault == ReplyFault::kDisk ||
         fault == ReplyFault::kReplicas;
}

}  // namespace

Outbox::Outbox(loop::Loop& loop, const Plan& plan, Words words, Events events)
    : redis_(cat("Redis at ", plan.redis.label())),
      words_(words),
      commands_(plan),
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
      dropped_(
          loop, Tally::When::kSummed,
          [this](auto n) {
            cli::log::warn(cat(counted(n, "line"), " of other types could not be published while ",
                               redis_, " was away or slow"));
          }),
      again_(loop, [this] { send_again(); }),
      before_sleep_(loop, [this] { after_answers(); }),
      client_(loop, plan.redis, words.tool,
              {.on_up = [this] { on_up(); },
               .on_down = [this](const std::string& reason, loop::Ms) { on_down(reason); },
               .on_drained = {}}) {}

bool Outbox::has_room() const noexcept {
  if (!client_.up() || in_flight_bytes_ >= kMaxBytes) return false;
  return commands_.publishes() || in_flight_.size() < std::max(kFewCommands, board_.waiting());
}

void Outbox::put(Instrument instrument, std::string_view price, std::string_view line) {
  replaced(board_.put(instrument, price, commands_.keeps_line() ? line : std::string_view{},
                      commands_.of_tick(), now_ms_));
  if (commands_.publishes()) send_waiting();
}

void Outbox::put_status(std::string_view line) {
  replaced(board_.put_status(line, commands_.of_status(), now_ms_));
  send_waiting();
}

/// Prices that give way within a batch, or to Redis's pace, are no loss: the last one is
/// what is wanted. Lines that are not published are.
void Outbox::replaced(std::optional<std::int64_t> since_ms) {
  if (!since_ms) {
    ++given_;
  } else if (!client_.up()) {
    ++replaced_while_away_;
  } else if (commands_.publishes() || now_ms_ - *since_ms > kSlow_ms) {
    overtaken_.add();
  }
}

void Outbox::publish_once(std::string_view line) {
  if (!client_.up() || in_flight_bytes_ >= kMaxBytes) {
    ++others_lacking_;
    return dropped_.add();
  }
  ++given_;
  send(commands_.publish(line), kOnce, kPublish, true);
}

bool Outbox::beat() {
  if (!client_.up()) return false;
  ++given_;
  send(commands_.heartbeat(wall_us() / 1'000'000), kOnce, kPrice, true);
  return true;
}

void Outbox::send_waiting() {
  while (board_.waiting() > 0 && has_room()) send(board_.pop());
}

void Outbox::send(Board::Index index) {
  auto& slot = board_[index];
  Parts parts = commands_.worth_sending(std::exchange(slot.todo, 0), now_ms_ - slot.put_ms);
  while (parts != 0) {
    const Parts part = parts & static_cast<Parts>(-parts);  // the lowest bit: prices first
    parts ^= part;
    send(commands_.make(part, slot), index, part, parts == 0);
  }
}

void Outbox::send(Command command, Board::Index index, Parts part, bool ends_item) {
  const auto bytes = size_of(command);
  in_flight_bytes_ += bytes;
  in_flight_.push_back({index, static_cast<std::uint32_t>(bytes), part, ends_item});
  if (ends_item) ++items_in_flight_;
  client_.command(command, [this](const redis::Reply* reply) { on_reply(reply); });
}

void Outbox::on_reply(const redis::Reply* reply) {
  const auto entry = in_flight_.front();
  in_flight_.pop_front();
  in_flight_bytes_ -= entry.bytes;
  if (entry.ends_item) --items_in_flight_;
  answers_came_ = true;
  if (reply == nullptr) {
    on_lost(entry);
  } else if (reply->is_error()) {
    on_refused(entry, reply->text);
  } else if (entry.slot != kOnce) {
    board_[entry.slot].refused &= static_cast<Parts>(~entry.part);
  } else if (entry.part == kPublish) {
    others_lacking_ = 0;
  }
}

void Outbox::on_lost(const InFlight& entry) {
  if (entry.slot == kOnce) {
    if (entry.part != kPublish) return;
    ++others_lacking_;
    return dropped_.add();
  }
  board_[entry.slot].again |= entry.part;
  if (board_.put_back(entry.slot, entry.part)) ++given_;
}

void Outbox::on_refused(const InFlight& entry, std::string_view error) {
  refusal_ = printable(error, 200);
  refusals_.add();
  if (entry.slot == kOnce) {
    if (entry.part == kPublish) ++others_lacking_;
    return;
  }
  board_[entry.slot].refused |= entry.part;
  if (!passes(redis::classify(error))) return;
  board_[entry.slot].again |= entry.part;
  if (!again_.running()) again_.start(kAgain);
}

/// Without a connection this waits for one: on_up() starts the time anew.
void Outbox::send_again() {
  if (!client_.up()) return;
  now_ms_ = steady_ms();
  for (Board::Index index = 0; index < board_.size(); ++index)
    if (const Parts parts = std::exchange(board_[index].again, 0); parts != 0)
      if (board_.put_back(index, parts)) ++given_;
  send_waiting();
}

void Outbox::after_answers() {
  if (!std::exchange(answers_came_, false)) return;
  now_ms_ = steady_ms();
  send_waiting();
  flush();
  events_.on_settled();
}

void Outbox::on_up() {
  away_reason_.clear();
  others_lacking_ = 0;
  const auto replaced = std::exchange(replaced_while_away_, 0);
  if (std::exchange(told_away_, false)) {
    cli::log::info(cat(redis_, " is back; ", counted(board_.waiting(), words_.item),
                       board_.waiting() == 1 ? " was" : " were", " held for it, ", replaced,
                       " older gave way to a newer one of the same instrument"));
  } else {
    cli::log::debug(cat("connected to ", redis_));
  }
  again_.start(kAgain);
  now_ms_ = steady_ms();
  send_waiting();
  flush();
  know();
}

void Outbox::on_down(const std::string& reason) {
  away_reason_ = reason;
  answers_came_ = true;
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

bool Outbox::give_up() {
  client_.stop();
  for (const auto& entry : std::exchange(in_flight_, {})) {
    if (entry.slot != kOnce) {
      on_lost(entry);
    } else if (entry.part == kPublish) {
      ++others_lacking_;
    }
  }
  const auto now_ms = steady_ms();
  std::size_t instruments = 0;
  std::size_t others = others_lacking_;
  for (Board::Index index = 0; index < board_.size(); ++index) {
    const auto& slot = board_[index];
    const Parts refused = commands_.worth_sending(slot.refused, now_ms - slot.put_ms);
    if ((refused | (slot.waits ? slot.todo : Parts{0})) != 0)
      ++(slot.instrument ? instruments : others);
  }
  if (instruments > 0)
    cli::log::error(cat("the latest ", words_.item, "s of ", counted(instruments, "instrument"),
                        " were not ", words_.done, ": ", why_lacking()));
  if (others > 0)
    cli::log::error(cat(counted(others, "line"),
                        others == 1 ? " of another type was" : " of other types were",
                        " not published: ", why_lacking()));
  return instruments + others == 0;
}

std::string Outbox::why_lacking() const {
  if (!away_reason_.empty()) return cat(redis_, " is away (", away_reason_, ")");
  if (!refusal_.empty()) return cat(redis_, " refused them (", refusal_, ")");
  return cat(redis_, " did not answer in time");
}

}  // namespace ltp::filter
