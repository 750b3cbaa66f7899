#include "redis/link.hpp"

#include "base/text.hpp"
#include "redis/reply_fault.hpp"

#include <utility>

namespace ltp::redis {

using loop::Ms;

Link::Link(loop::Loop& loop, Address address, std::string client_name, Greeting greeting,
           const Limits& limits, Events events)
    : address_(std::move(address)),
      client_name_(address_.client_name.empty() ? std::move(client_name) : address_.client_name),
      greeting_(std::move(greeting)),
      events_(std::move(events)),
      session_(std::make_shared<Session>(
          loop, limits,
          Session::Events{.on_up = [this] { on_up(); },
                          .on_reply =
                              [this](const Reply& reply) {
                                const auto keep = shared_from_this();
                                events_.on_reply(reply);
                              },
                          .on_dry = [this] { tell(events_.on_dry); },
                          .on_quiet = [this] { tell(events_.on_quiet); },
                          .on_closed = [this](const std::string& reason) { on_closed(reason); },
                          .on_drained = [this] { tell(events_.on_drained); }})),
      retry_(loop, [this] { connect(); }),
      backoff_(limits.first_retry, limits.last_retry, limits.first_retry / 2) {
  if (address_.sentinels.empty()) return;
  sentinel_ = std::make_shared<Sentinel>(
      loop, address_, client_name_, limits,
      Sentinel::Events{.on_found = [this](const HostPort& master) { open(master); },
                       .on_nobody = [this](const std::string& reason) { wait(reason); },
                       .on_moved = [this](const HostPort& master) { on_moved(master); }});
}

Link::~Link() {
  stop();
}

void Link::start() {
  if (!std::exchange(started_, true)) connect();
}

void Link::stop() {
  started_ = false;
  session_->close();
  if (sentinel_) sentinel_->stop();
  retry_.stop();
  backoff_.reset();
}

void Link::connect() {
  if (!sentinel_) return open({address_.host, address_.port});
  const bool told_wrong = master_ && !was_up_;
  master_.reset();
  sentinel_->ask(told_wrong ? Sentinel::First::kNext : Sentinel::First::kSame);
}

void Link::open(const HostPort& place) {
  was_up_ = false;
  if (sentinel_) master_ = place;
  session_->open(
      {.host = place.host, .port = place.port, .path = address_.path, .tls = address_.tls},
      {.user = address_.user,
       .password = address_.password,
       .db = address_.db,
       .client_name = client_name_,
       .role = sentinel_      ? Login::Role::kMaster
               : was_replica_ ? Login::Role::kMasterIfTold
                              : Login::Role::kAny,
       .greeting = greeting_.words,
       .greeting_needed = greeting_.needed});
}

void Link::tell(const std::function<void()>& event) {
  const auto keep = shared_from_this();
  event();
}

void Link::on_up() {
  was_up_ = true;
  if (session_->is_known_master()) was_replica_ = false;
  if (!was_replica_) backoff_.reset();  // else it may refuse the next write again
  tell(events_.on_up);
}

void Link::on_moved(const HostPort& master) {
  if (!master_ || *master_ == master) return;
  backoff_.reset();
  if (retry_.running()) {
    master_.reset();
    return connect();
  }
  session_->fail(cat("the master is now ", master.label()));
}

void Link::on_closed(const std::string& reason) {
  wait(master_ ? cat(master_->label(), ": ", reason) : reason);
}

void Link::wait(const std::string& reason) {
  const auto keep = shared_from_this();
  const Ms time = backoff_.next();
  retry_.start(time);
  events_.on_down(reason, time);
}

void Link::lose(const Reply& error) {
  if (classify(error.text) == ReplyFault::kReplica) was_replica_ = true;
  session_->fail(error);
}

}  // namespace ltp::redis
