#include "connection.hpp"

#include "base/clock.hpp"
#include "dhan/subscribe.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace ltp::feed {
namespace {

constexpr loop::Ms kConnectTimeout{15'000};

}  // namespace

Connection::Connection(net::Context& context, const dhan::Endpoint& endpoint, TickKind mode,
                       Events events)
    : endpoint_(endpoint),
      mode_(mode),
      client_(context, {[this, on_open = events.on_open](std::string_view server) {
                          ask(true, carried_);
                          on_open(*this, server);
                        },
                        [this, on_message = events.on_message](auto message, bool binary) {
                          on_message(*this, message, binary);
                        },
                        [this, on_closed = events.on_closed](const net::WsClosed& why) {
                          abandon();
                          on_closed(*this, why);
                        }}),
      retry_(context.loop(), [this, on_retry = events.on_retry] { on_retry(*this); }),
      pace_(context.loop(), [this] { send_next(); }) {}

void Connection::open(const dhan::Credentials& credentials) {
  abandon();
  busy_ = true;
  client_.open({.tls = endpoint_.tls(),
                .host = endpoint_.host(),
                .port = endpoint_.port(),
                .resource = endpoint_.resource(credentials),
                .ca_file = {}},
               kConnectTimeout);
}

void Connection::close() {
  if (client_.is_open()) client_.send_text(dhan::request_text(dhan::Action::kDisconnect, mode_, {}));
  abandon();
}

void Connection::abandon() {
  busy_ = false;
  retry_.stop();
  pace_.stop();
  requests_.clear();
  asked_for_ = 0;
  client_.close();
}

void Connection::retry_in(loop::Ms wait) {
  retry_.start(wait);
}

loop::Ms Connection::frame_age() const {
  return std::min(client_.silent_for(), loop::Ms{steady_ms() - resumed_ms_});
}

void Connection::pause(bool paused) {
  if (!paused) resumed_ms_ = steady_ms();
  if (client_.is_open()) client_.pause(paused);
}

void Connection::add(const std::vector<Instrument>& instruments) {
  carried_.insert(carried_.end(), instruments.begin(), instruments.end());
  if (is_open()) ask(true, instruments);
}

void Connection::remove(const std::vector<Instrument>& instruments) {
  const std::unordered_set<Instrument> unwanted(instruments.begin(), instruments.end());
  std::vector<Instrument> gone;
  std::erase_if(carried_, [&](Instrument instrument) {
    if (!unwanted.contains(instrument)) return false;
    gone.push_back(instrument);
    return true;
  });
  if (is_open()) ask(false, gone);
}

std::vector<Segment> Connection::segments() const {
  std::vector<Segment> all;
  for (const auto& instrument : carried_)
    if (std::find(all.begin(), all.end(), instrument.segment) == all.end())
      all.push_back(instrument.segment);
  return all;
}

void Connection::ask(bool subscribe, const std::vector<Instrument>& instruments) {
  const auto action = subscribe ? dhan::Action::kSubscribe : dhan::Action::kUnsubscribe;
  for (std::size_t at = 0; at < instruments.size(); at += dhan::kMaxPerMessage) {
    const auto part = std::span(instruments).subspan(
        at, std::min(dhan::kMaxPerMessage, instruments.size() - at));
    const auto count = static_cast<std::ptrdiff_t>(part.size());
    requests_.push_back({dhan::request_text(action, mode_, part), subscribe ? count : -count});
  }
  if (!pace_.running()) send_next();
}

void Connection::send_next() {
  if (requests_.empty()) return pace_.stop();
  auto [text, change] = std::move(requests_.front());
  requests_.pop_front();
  asked_for_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(asked_for_) + change);
  client_.send_text(std::move(text));
  if (!pace_.running()) pace_.start(kPace, kPace);
}

}  // namespace ltp::feed
