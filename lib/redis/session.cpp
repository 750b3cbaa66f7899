#include "redis/session.hpp"

#include "base/text.hpp"
#include "loop/errors.hpp"

#include <utility>

namespace ltp::redis {
namespace {

constexpr int kTicksOfSilence = 10;

}  // namespace

bool does_no_harm(std::string_view error) noexcept {
  return error.starts_with("NOPERM") || error.starts_with("ERR unknown") ||
         error.starts_with("MISCONF");
}

bool is_master(const Reply& role) {
  return !role.elements.empty() && role.elements[0].text == "master";
}

Session::Session(loop::Loop& loop, const Limits& limits, Events events)
    : limits_(limits),
      events_(std::move(events)),
      stream_(loop, {.on_open = [this] { log_in(); },
                     .on_data = [this](std::string_view bytes) { on_data(bytes); },
                     .on_closed = [this](const std::string& reason) { fail(reason); },
                     .on_drained =
                         [this] {
                           const auto keep = shared_from_this();
                           events_.on_drained();
                         }}),
      tick_(loop, [this] { on_tick(); }) {}

void Session::open(const loop::Target& target, Login login) {
  close();
  login_ = std::move(login);
  replies_ = std::make_shared<ReplyReader>();
  stream_.open(target, limits_.connect);
}

void Session::close() {
  up_ = false;
  known_master_ = false;
  stream_.close();
  tick_.stop();
  steps_.clear();
  replies_.reset();
  answer_awaited_ = false;
}

void Session::log_in() {
  std::string out;
  const auto say = [&](Step step, const std::vector<std::string_view>& words) {
    append_command(out, words);
    steps_.push_back(step);
  };
  if (!login_.user.empty()) {
    say(Step::kNeeded, {"AUTH", login_.user, login_.password});
  } else if (!login_.password.empty()) {
    say(Step::kNeeded, {"AUTH", login_.password});
  }
  if (login_.db != 0) say(Step::kNeeded, {"SELECT", std::to_string(login_.db)});
  say(Step::kWelcome, {"CLIENT", "SETNAME", login_.client_name});
  if (login_.role != Login::Role::kAny) say(Step::kRole, {"ROLE"});
  say(login_.greeting_needed ? Step::kNeeded : Step::kWelcome,
      {login_.greeting.begin(), login_.greeting.end()});
  const auto tick = limits_.silence / kTicksOfSilence;
  tick_.start(tick, tick);
  expect_answer();
  send(out);
}

void Session::on_data(std::string_view bytes) {
  const auto keep = shared_from_this();
  const auto mine = replies_;  // another one: closed or opened anew from a callback
  silent_ticks_ = 0;
  const auto fed = mine->feed(bytes, [&](const Reply& reply) {
    up_ ? events_.on_reply(reply) : on_login_reply(reply);
    return replies_ == mine;
  });
  if (fed == ReplyReader::Fed::kBroken) {
    const bool is_alert = bytes.starts_with("\x15\x03");  // of TLS, about our plain words
    return fail(is_alert ? "it speaks TLS; the URL has to begin with rediss"
                         : "answers are not Redis's");
  }
  if (fed == ReplyReader::Fed::kAll && up()) events_.on_dry();
}

void Session::on_login_reply(const Reply& reply) {
  const auto step = steps_.front();
  steps_.pop_front();
  if (reply.is_error() && refuses(step, reply)) return fail(reply);
  if (step == Step::kRole && !reply.is_error()) {
    if (!is_master(reply)) return fail(kIsReplica);
    known_master_ = true;
  }
  if (!steps_.empty()) return;
  up_ = true;
  expect_nothing();
  events_.on_up();
}

bool Session::refuses(Step step, const Reply& error) {
  const bool needed =
      step == Step::kNeeded || (step == Step::kRole && login_.role == Login::Role::kMaster);
  return needed || !does_no_harm(error.text);
}

void Session::expect_answer() noexcept {
  answer_awaited_ = true;
  silent_ticks_ = 0;
}

/// Ticks are counted, not time: after a halt of our own, a debugger's or a laptop's, a
/// single tick is late, and the answers that came meanwhile are read before the next.
void Session::on_tick() {
  const auto keep = shared_from_this();
  if (++silent_ticks_ < kTicksOfSilence) return;
  if (answer_awaited_) return fail(loop::no_answer_within(limits_.silence));
  expect_answer();
  events_.on_quiet();
}

void Session::fail(const std::string& reason) {
  const auto keep = shared_from_this();
  close();
  events_.on_closed(reason);
}

/// Redis repeats the words of a command it does not know, and AUTH's are secret.
void Session::fail(const Reply& error) {
  std::string words(error.text.substr(0, error.text.find(", with args")));
  const auto& secret = login_.password;
  for (auto at = words.find(secret); !secret.empty() && at != std::string::npos;
       at = words.find(secret, at + 3)) {
    words.replace(at, secret.size(), "...");
  }
  fail(printable(words, 200));
}

}  // namespace ltp::redis
