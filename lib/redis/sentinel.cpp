#include "redis/sentinel.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ltp::redis {
namespace {

Limits limits_of_sentinel(Limits limits) {
  limits.connect = limits.silence = limits.sentinel;
  return limits;
}

/// None if that is no place to connect to.
std::optional<HostPort> place(std::string_view host, std::string_view port) {
  HostPort out{std::string(host), 0};
  const auto* end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data(), end, out.port);
  if (host.empty() || error != std::errc{} || stop != end || out.port == 0) return {};
  return out;
}

std::string_view next_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

Sentinel::Sentinel(loop::Loop& loop, const Address& address, std::string client_name,
                   const Limits& limits, Events events)
    : service_(address.service),
      tls_(address.tls),
      login_{.user = address.sentinel_user,
             .password = address.sentinel_password,
             .client_name = std::move(client_name),
             .greeting = {"PING"},
             .greeting_needed = false},
      events_(std::move(events)),
      sentinels_(address.sentinels.begin(), address.sentinels.end()),
      session_(std::make_shared<Session>(
          loop, limits_of_sentinel(limits),
          Session::Events{.on_up = [this] { on_up(); },
                          .on_reply = [this](const Reply& reply) { on_reply(reply); },
                          .on_dry = [] {},
                          .on_quiet =
                              [this] {
                                std::string out;
                                append_command(out, {{"PING"}});
                                session_->send(out);
                              },
                          .on_closed = [this](const std::string& reason) { on_closed(reason); },
                          .on_drained = [] {}})),
      retry_(loop, [this] { start_round(); }),
      backoff_(limits.first_retry, limits.last_retry, limits.first_retry / 2) {}

Sentinel::~Sentinel() {
  session_->close();
}

void Sentinel::ask(First first) {
  if (first == First::kNext) rotate();
  asked_ = true;
  start_round();
}

void Sentinel::stop() {
  asked_ = false;
  retry_.stop();
  backoff_.reset();
  session_->close();
}

void Sentinel::start_round() {
  retry_.stop();
  left_ = sentinels_.size();
  try_first();
}

void Sentinel::try_first() {
  --left_;
  told_address_ = false;
  listens_ = false;
  const auto& sentinel = sentinels_.front();
  session_->open({.host = sentinel.host, .port = sentinel.port, .path = {}, .tls = tls_}, login_);
}

void Sentinel::rotate() {
  sentinels_.push_back(std::move(sentinels_.front()));
  sentinels_.pop_front();
}

/// A connection that listens can ask nothing any more, so it asks first; in one go, for
/// then the sentinel does nothing else, like moving the master, between the two.
void Sentinel::on_up() {
  std::string out;
  append_command(out, {{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", service_}});
  append_command(out, {{"SUBSCRIBE", "+switch-master"}});
  session_->expect_answer();
  session_->send(out);
}

void Sentinel::on_reply(const Reply& reply) {
  const auto keep = shared_from_this();
  session_->expect_nothing();
  if (reply.is_error()) {
    if (!listens_ || !does_no_harm(reply.text)) session_->fail(reply);
    return;
  }
  if (!std::exchange(told_address_, true)) return on_address(reply);
  listens_ = true;
  const auto& parts = reply.elements;
  if (parts.size() == 3 && parts[0].text == "message") on_switch(parts[2].text);
}

void Sentinel::on_address(const Reply& reply) {
  if (reply.kind == Reply::Kind::kNil) {
    return session_->fail(cat("it knows no master named ", printable(service_, 200)));
  }
  const auto& parts = reply.elements;
  auto master = parts.size() == 2 ? place(parts[0].text, parts[1].text) : std::optional<HostPort>{};
  if (!master) return session_->fail("answers are not a sentinel's");
  found(std::move(*master));
}

/// "mymaster 10.0.0.1 6379 10.0.0.2 6379": from where to where.
void Sentinel::on_switch(std::string_view message) {
  if (next_word(message) != service_) return;
  next_word(message);
  next_word(message);
  const auto host = next_word(message);
  if (auto master = place(host, message)) found(std::move(*master));
}

void Sentinel::found(HostPort master) {
  backoff_.reset();
  const bool is_news = master_ != master;
  master_ = std::move(master);
  const HostPort told = *master_;
  if (std::exchange(asked_, false)) return events_.on_found(told);
  if (is_news) events_.on_moved(told);
}

/// The next one; when all have been tried, the owner decides, or, if it has its answer
/// and we only listen, a little time.
void Sentinel::on_closed(const std::string& reason) {
  const auto keep = shared_from_this();
  const auto who = sentinels_.front().label();
  rotate();
  if (left_ > 0) return try_first();
  if (std::exchange(asked_, false)) {
    return events_.on_nobody(cat("sentinel ", who, ": ", reason));
  }
  retry_.start(backoff_.next());
}

}  // namespace ltp::redis
