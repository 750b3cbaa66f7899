#include "session.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"

#include <algorithm>
#include <utility>

namespace ltp::serve {
namespace {

constexpr int kGoingAway = 1001;
constexpr int kPolicy = 1008;

}  // namespace

Session::Session(Hub& hub, net::WsPeer& peer, Filter filter) : hub_(hub), peer_(peer) {
  if (dialect() == Dialect::kActionCable) {
    peer_.send(actioncable::welcome());
    return;
  }
  channels_.push_back({{}, hub_.subscribe(*this, filter, {})});
  hub_.flush(*channels_.back().subscription);
}

bool Session::write(std::string_view frames) {
  if (!peer_.held() && peer_.write_raw(frames)) {
    // Taken; but if some of it still waits for the kernel the next must wait as well.
    if (peer_.held()) peer_.want_writable();
    return true;
  }
  peer_.want_writable();
  return false;
}

void Session::on_writable() {
  if (std::exchange(beat_due_, false)) peer_.send(actioncable::ping(wall_us() / 1'000'000));
  for (auto& channel : channels_) hub_.flush(*channel.subscription);
}

void Session::on_message(std::string_view message, bool binary) {
  // A plain client has said all it wants in its URL.
  if (dialect() != Dialect::kActionCable) return;
  if (binary) return on_bad();
  on_command(message);
}

void Session::on_command(std::string_view message) {
  const auto command = actioncable::parse_command(message);
  if (const auto* wanted = std::get_if<actioncable::Subscribe>(&command)) {
    subscribe(wanted->identifier);
  } else if (const auto* left = std::get_if<actioncable::Unsubscribe>(&command)) {
    unsubscribe(left->identifier);
  } else if (std::holds_alternative<actioncable::Bad>(command)) {
    on_bad();
  }
}

void Session::subscribe(const std::string& identifier) {
  const auto known = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& channel) {
    return channel.identifier == identifier;
  });
  // The browser's client asks again each 500 ms until it hears: no second stream.
  if (known != channels_.end()) {
    peer_.send(actioncable::confirmation(identifier));
    return;
  }
  auto filter = actioncable::parse_identifier(identifier);
  if (!filter) {
    peer_.send(actioncable::rejection(identifier));
    return;
  }
  if (channels_.size() == kMaxIdentifiers) {
    peer_.close(kPolicy, "too many subscriptions");
    return;
  }
  peer_.send(actioncable::confirmation(identifier));
  channels_.push_back(
      {identifier, hub_.subscribe(*this, *filter,
                                  {.prefix = actioncable::data_prefix(identifier),
                                   .suffix = std::string(actioncable::kDataSuffix)})});
  hub_.flush(*channels_.back().subscription);
}

void Session::unsubscribe(const std::string& identifier) {
  std::erase_if(channels_,
                [&](const Channel& channel) { return channel.identifier == identifier; });
}

void Session::on_bad() {
  if (++bad_ > kMaxBad) peer_.close(kPolicy, "too many frames that mean nothing");
}

void Session::beat(std::int64_t unix_s) {
  if (dialect() != Dialect::kActionCable) return;
  // Behind bytes that wait, a ping would only wait too, and pile up there.
  if (peer_.held()) {
    beat_due_ = true;
    peer_.want_writable();
  } else {
    peer_.send(actioncable::ping(unix_s));
  }
}

void Session::go_away() {
  if (dialect() == Dialect::kActionCable)
    peer_.send(actioncable::disconnect("server_restart", true));
  peer_.close(kGoingAway, "server restart");
}

}  // namespace ltp::serve
