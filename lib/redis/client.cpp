#include "redis/client.hpp"

#include "base/text.hpp"
#include "redis/link.hpp"
#include "redis/reply_fault.hpp"

#include <cassert>
#include <deque>
#include <utility>

namespace ltp::redis {
namespace {

constexpr std::size_t kFlushAt = std::size_t{64} << 10;
constexpr int kRoleTicks = 4;

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Impl> {
  Impl(loop::Loop& on, Events given, const Limits& limits)
      : loop(on),
        events(std::move(given)),
        max_unsent(limits.unsent),
        role_tick(limits.role_every / kRoleTicks),
        role_patience(static_cast<int>(limits.role_answer / role_tick)),
        role_timer(loop, [this] { on_role_tick(); }) {}

  void command(std::span<const std::string_view> words, OnReply on_reply) {
    assert(link->up());
    waiting.push_back(std::move(on_reply));
    if (full) return;
    append_command(out, words);
    if (waiting.size() == 1) link->expect_answer();
    if (out.size() >= kFlushAt) {
      flush();
      if (link->pending() > max_unsent) be_full();
      return;
    }
    if (!std::exchange(flush_is_due, true)) {
      loop.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->flush();
      });
    }
  }

  /// Not at once: nobody's command() is to be answered before it returns.
  void be_full() {
    full = true;
    loop.defer([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->full && self->link->up())
        self->link->lose(cat("it takes too little: ", self->link->pending(), " bytes wait"));
    });
  }

  void flush() {
    flush_is_due = false;
    if (out.empty() || !link->up()) return;
    link->send(out);
    out.clear();
  }

  void on_up() {
    role_ticks = 0;
    role_asked = false;
    if (link->follows_master()) role_timer.start(role_tick, role_tick);
    if (events.on_up) events.on_up();
  }

  void on_reply(const Reply& reply) {
    if (waiting.empty()) return link->lose("answers are not Redis's");
    if (reply.is_error() && is_of_server(classify(reply.text))) return link->lose(reply);
    const auto answered = std::move(waiting.front());
    waiting.pop_front();
    if (waiting.empty()) link->expect_nothing();
    if (answered) answered(&reply);
  }

  void on_quiet() {
    static constexpr std::string_view kPing[] = {"PING"};
    command(kPing, {});
    flush();
  }

  /// Ticks are counted, not time, as in Session: a halt of our own is no fault of Redis.
  void on_role_tick() {
    const auto keep = shared_from_this();
    ++role_ticks;
    if (role_asked && role_ticks >= role_patience) return link->lose("no answer to ROLE in time");
    if (role_asked || role_ticks < kRoleTicks) return;
    role_asked = true;
    role_ticks = 0;
    static constexpr std::string_view kRole[] = {"ROLE"};
    command(kRole, [this](const Reply* role) {
      if (role == nullptr) return;
      role_asked = false;
      role_ticks = 0;
      if (role->is_error()) return link->lose(*role);
      if (!is_master(*role)) return link->lose(kIsReplica);
    });
    flush();
  }

  void on_down(const std::string& reason, loop::Ms retry_in) {
    role_timer.stop();
    const auto before = stops;
    out.clear();
    full = false;
    lost = std::exchange(waiting, {});
    while (!lost.empty()) {
      const auto forgotten = std::move(lost.front());
      lost.pop_front();
      if (forgotten) forgotten(nullptr);
    }
    if (stops == before && events.on_down) events.on_down(reason, retry_in);
  }

  void on_drained() {
    flush();
    if (link->pending() == 0 && events.on_drained) events.on_drained();
  }

  void stop() {
    ++stops;
    role_timer.stop();
    link->stop();
    out.clear();
    full = false;
    waiting.clear();
    lost.clear();
  }

  loop::Loop& loop;
  Events events;
  std::shared_ptr<Link> link;
  const std::size_t max_unsent;
  std::string out;
  bool full = false;  // more than max_unsent waited: the connection is about to be lost
  bool flush_is_due = false;
  std::deque<OnReply> waiting;
  std::deque<OnReply> lost;  // those of a broken connection that were not told yet
  unsigned stops = 0;
  const loop::Ms role_tick;
  const int role_patience;  // in ticks
  loop::Timer role_timer;   // while it has to be a master
  int role_ticks = 0;
  bool role_asked = false;
};

Client::Client(loop::Loop& loop, Address address, std::string client_name, Events events,
               const Limits& limits)
    : impl_(std::make_shared<Impl>(loop, std::move(events), limits)) {
  // An event may end in our destructor: what it runs in is held until it returns.
  const auto held = [impl = impl_.get()] { return impl->shared_from_this(); };
  impl_->link = std::make_shared<Link>(
      loop, std::move(address), std::move(client_name), Link::Greeting{{"PING"}, false}, limits,
      Link::Events{.on_up = [held] { held()->on_up(); },
                   .on_reply = [held](const Reply& reply) { held()->on_reply(reply); },
                   .on_dry = [] {},
                   .on_quiet = [held] { held()->on_quiet(); },
                   .on_down = [held](const std::string& reason,
                                     loop::Ms retry_in) { held()->on_down(reason, retry_in); },
                   .on_drained = [held] { held()->on_drained(); }});
}

Client::~Client() {
  stop();
}

void Client::start() {
  impl_->link->start();
}
void Client::stop() {
  impl_->stop();
}
bool Client::up() const noexcept {
  return impl_->link->up();
}

void Client::command(std::span<const std::string_view> words, OnReply on_reply) {
  impl_->command(words, std::move(on_reply));
}
void Client::command(std::initializer_list<std::string_view> words, OnReply on_reply) {
  impl_->command({words.begin(), words.size()}, std::move(on_reply));
}
void Client::flush() {
  impl_->flush();
}

std::size_t Client::unanswered() const noexcept {
  return impl_->waiting.size();
}
std::size_t Client::pending_bytes() const noexcept {
  return impl_->out.size() + impl_->link->pending();
}

}  // namespace ltp::redis
