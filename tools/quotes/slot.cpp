#include "quotes/slot.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "redis/client.hpp"
#include "tick/keys.hpp"

#include <algorithm>
#include <utility>

namespace ltp::quotes {
namespace {

constexpr loop::Ms kFirstHold{2000};
constexpr loop::Ms kMostHold{60'000};
constexpr loop::Ms kRefusalsLife{120'000};  // longer than any hold

/// The same in every process and build (FNV-1a, 64 bits).
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kHex[hash >> shift & 15]);
  return out;
}

loop::Ms hold_after(unsigned refusals) {
  const unsigned doublings = std::min(std::max(refusals, 1u) - 1, 5u);
  return std::min(kFirstHold * (1u << doublings), kMostHold);
}

/// How long a key still is there, as PTTL tells it.
loop::Ms left_of(const redis::Reply& reply) {
  if (reply.kind != redis::Reply::Kind::kInteger || reply.integer == -1) return kMostHold;
  return std::clamp(loop::Ms{reply.integer}, loop::Ms{1}, kMostHold);
}

}  // namespace

Slot::Slot(redis::Client* redis, std::string_view client_id)
    : redis_(redis),
      key_(keys::quote_slot_key(hash_of(client_id))),
      refusals_key_(keys::quote_refusals_key(hash_of(client_id))),
      alive_(std::make_shared<const int>(0)) {}

Slot::~Slot() = default;

bool Slot::shared() const {
  if (redis_ == nullptr || !redis_->up()) return false;
  return fault_.empty() || steady_ms() >= unshared_until_ms_;
}

/// An error may pass: a full memory, a script that takes its time, rights that were wrong.
void Slot::heard(const redis::Reply& reply) {
  if (!reply.is_error()) return fault_.clear();
  fault_ = reply.text;
  unshared_until_ms_ = steady_ms() + kUnshared.count();
}

/// Halved by each turn that went to others.
loop::Ms Slot::yield() const noexcept {
  return kYield / (1 << std::min(lost_, 7u));
}

void Slot::take(std::function<void(loop::Ms wait)> answer) {
  const auto now = steady_ms();
  if (free_ms_ > now) return answer(loop::Ms{free_ms_ - now});
  const auto ours = [this, answer, now] {
    const loop::Ms late{steady_ms() - now};  // it may have begun when we asked for it
    if (late >= kEvery) return take(answer);
    if (late > kEvery - kEveryArrival) hold(kEvery);
    lost_ = 0;
    free_ms_ = steady_ms() + (kEvery + (shared() ? yield() : loop::Ms{0})).count();
    answer(loop::Ms{0});
  };
  if (!shared()) return ours();

  enum class Set { kOurs, kTaken, kFailed };
  const auto set = std::make_shared<Set>(Set::kTaken);
  const std::weak_ptr<const int> alive = alive_;
  redis_->command({"SET", key_, "1", "NX", "PX", cat(kEvery.count())},
                  [this, alive, set, ours](const redis::Reply* reply) {
                    if (alive.expired()) return;
                    if (reply != nullptr && reply->kind == redis::Reply::Kind::kNil) return;
                    *set = Set::kOurs;
                    if (reply != nullptr && reply->is_error()) {
                      *set = Set::kFailed;  // the turns are our own
                      heard(*reply);
                    }
                    ours();
                  });
  redis_->command({"PTTL", key_}, [this, alive, set, answer](const redis::Reply* reply) {
    if (alive.expired() || *set == Set::kFailed) return;
    if (reply != nullptr) heard(*reply);
    if (*set == Set::kOurs) return;
    ++lost_;
    answer((reply == nullptr || reply->is_error() ? kEvery : left_of(*reply)) + yield());
  });
}

void Slot::hold(loop::Ms time) {
  free_ms_ = std::max(free_ms_, steady_ms() + time.count());
  if (shared()) redis_->command({"SET", key_, "1", "PX", cat(time.count())});
}

loop::Ms Slot::held() const noexcept {
  return loop::Ms{std::max<std::int64_t>(free_ms_ - steady_ms(), 0)};
}

void Slot::answered(loop::Ms after) {
  // Later than that the turn may be somebody else's already.
  if (after > kEvery - kEveryArrival && after < kEvery) hold(kEveryArrival);
}

void Slot::refused() {
  ++refusals_;
  hold(hold_after(refusals_));
  if (!shared()) return;
  const std::weak_ptr<const int> alive = alive_;
  redis_->command({"INCR", refusals_key_}, [this, alive](const redis::Reply* reply) {
    if (alive.expired() || reply == nullptr || reply->kind != redis::Reply::Kind::kInteger) return;
    const auto told = static_cast<unsigned>(std::clamp<std::int64_t>(reply->integer, 1, 100));
    if (told <= refusals_) return;
    refusals_ = told;  // others were refused too
    hold(hold_after(refusals_));
  });
  redis_->command({"PEXPIRE", refusals_key_, cat(kRefusalsLife.count())});
}

void Slot::worked() {
  refusals_ = 0;
  if (shared()) redis_->command({"DEL", refusals_key_});
}

}  // namespace ltp::quotes
