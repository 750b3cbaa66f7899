#include "redis/link.hpp"

#include "base/text.hpp"
#include "loop/errors.hpp"
#include "redis/reply_fault.hpp"

#include <algorithm>
#include <utility>

namespace ltp::redis {
namespace {

using loop::Ms;

constexpr Ms kTick{500};
constexpr Ms kConnectLimit{5000};
constexpr Ms kFirstRetry{100};
constexpr Ms kLastRetry{5000};

/// A server may refuse CLIENT or PING to this user, not know them, or be unable to save
/// to its disk, and answer what we ask all the same.
bool does_no_harm(std::string_view error) {
  return error.starts_with("NOPERM") || error.starts_with("ERR unknown") ||
         error.starts_with("MISCONF");
}

/// The answer to ROLE: the role's name, then what depends on it.
bool is_master(const Reply& role) {
  return !role.elements.empty() && role.elements[0].text == "master";
}

}  // namespace

Link::Link(loop::Loop& loop, Address address, std::string client_name, Greeting greeting,
           Events events)
    : address_(std::move(address)),
      client_name_(std::move(client_name)),
      greeting_(std::move(greeting)),
      events_(std::move(events)),
      stream_(loop, {.on_open = [this] { log_in(); },
                     .on_data = [this](std::string_view bytes) { on_data(bytes); },
                     .on_closed = [this](const std::string& reason) { lose(reason); },
                     .on_drained =
                         [this] {
                           const auto keep = shared_from_this();
                           events_.on_drained();
                         }}),
      retry_(loop, [this] { connect(); }),
      tick_(loop, [this] { on_tick(); }),
      backoff_(kFirstRetry, kLastRetry) {}

void Link::start() {
  if (state_ == State::kStopped) connect();
}

void Link::stop() {
  shut();
  retry_.stop();
  backoff_.reset();
  state_ = State::kStopped;
}

void Link::connect() {
  state_ = State::kConnecting;
  replies_ = std::make_shared<ReplyReader>();
  stream_.open({.host = address_.host, .port = address_.port, .path = address_.path},
               kConnectLimit);
}

void Link::log_in() {
  state_ = State::kLogin;
  std::string out;
  const auto say = [&](Step step, const std::vector<std::string_view>& words) {
    append_command(out, words);
    login_.push_back(step);
  };
  if (!address_.user.empty()) {
    say(Step::kNeeded, {"AUTH", address_.user, address_.password});
  } else if (!address_.password.empty()) {
    say(Step::kNeeded, {"AUTH", address_.password});
  }
  if (address_.db != 0) say(Step::kNeeded, {"SELECT", std::to_string(address_.db)});
  say(Step::kWelcome, {"CLIENT", "SETNAME", client_name_});
  if (was_replica_) say(Step::kRole, {"ROLE"});
  say(greeting_.needed ? Step::kNeeded : Step::kWelcome,
      {greeting_.words.begin(), greeting_.words.end()});
  tick_.start(kTick, kTick);
  expect_answer();
  send(out);
}

void Link::on_data(std::string_view bytes) {
  const auto keep = shared_from_this();
  const auto mine = replies_;  // another one: stopped or started anew from a callback
  silent_ticks_ = 0;
  const auto fed = mine->feed(bytes, [&](const Reply& reply) {
    state_ == State::kUp ? events_.on_reply(reply) : on_login_reply(reply);
    return replies_ == mine;
  });
  if (fed == ReplyReader::Fed::kBroken) return lose("answers are not Redis's");
  if (fed == ReplyReader::Fed::kAll && up()) events_.on_dry();
}

void Link::on_login_reply(const Reply& reply) {
  const auto step = login_.front();
  login_.pop_front();
  if (reply.is_error() && (step == Step::kNeeded || !does_no_harm(reply.text))) {
    return lose(reply);
  }
  if (step == Step::kRole && !reply.is_error()) {
    if (!is_master(reply)) return lose("it is a replica, which takes no writes");
    was_replica_ = false;
  }
  if (!login_.empty()) return;
  state_ = State::kUp;
  expect_nothing();
  if (!was_replica_) backoff_.reset();  // else it may refuse the next write again
  events_.on_up();
}

void Link::expect_answer() noexcept {
  answer_awaited_ = true;
  silent_ticks_ = 0;
}

/// Ticks are counted, not time: after a halt of our own, a debugger's or a laptop's, a
/// single tick is late, and the answers that came meanwhile are read before the next.
void Link::on_tick() {
  const auto keep = shared_from_this();
  if (++silent_ticks_ < kPatience / kTick) return;
  if (answer_awaited_) return lose(loop::no_answer_within(kPatience));
  expect_answer();
  events_.on_quiet();
}

void Link::lose(const std::string& reason) {
  const auto keep = shared_from_this();
  shut();
  state_ = State::kWaiting;
  const Ms wait = backoff_.next();
  retry_.start(wait);
  events_.on_down(reason, wait);
}

/// Redis repeats the words of a command it does not know, and AUTH's are secret.
void Link::lose(const Reply& error) {
  if (classify(error.text) == ReplyFault::kReplica) was_replica_ = true;
  std::string words(error.text.substr(0, error.text.find(", with args")));
  const auto& secret = address_.password;
  for (auto at = words.find(secret); !secret.empty() && at != std::string::npos;
       at = words.find(secret, at + 3)) {
    words.replace(at, secret.size(), "...");
  }
  lose(printable(words, 200));
}

void Link::shut() {
  stream_.close();
  tick_.stop();
  login_.clear();
  replies_.reset();
  answer_awaited_ = false;
}

}  // namespace ltp::redis
