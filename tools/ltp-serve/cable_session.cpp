#include "cable_session.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace ltp::serve {
namespace {

/// The name of an identifier's stream: the same in each session, and short.
std::string stream_of(std::string_view identifier) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : identifier) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string name = "ltp-";
  for (int shift = 60; shift >= 0; shift -= 4)
    name.push_back("0123456789abcdef"[hash >> shift & 15]);
  return name;
}

std::string session_asked_for(const net::Request& request) {
  auto id = request.header ? request.header("x-anycable-restore-sid") : std::string{};
  return id.empty() ? net::query_value(request.query, "sid").value_or("") : id;
}

}  // namespace

CableSession::CableSession(const Shared& shared, net::WsPeer& peer, const net::Request& request)
    : Session(shared, peer), extended_(peer.subprotocol() == actioncable::kExtendedSubprotocol) {
  if (extended_) {
    greet(request);
  } else {
    peer_.send(actioncable::welcome());
  }
}

CableSession::~CableSession() {
  if (!extended_) return;
  shared_.kept.close(*id_);
  keep();
}

/// For its client to come back to.
void CableSession::keep() {
  if (channels_.empty()) return;
  std::vector<std::string> identifiers;
  for (auto& channel : channels_) identifiers.push_back(std::move(channel.identifier));
  channels_.clear();
  shared_.kept.keep(*id_, std::move(identifiers), steady_ms());
}

void CableSession::give_up() {
  keep();
  close(kTakenUp, "the session goes on elsewhere", false);
}

void CableSession::greet(const net::Request& request) {
  const auto kept = shared_.kept.take(session_asked_for(request), steady_ms());
  id_ = std::make_unique<std::string>(KeptSessions::new_id());
  shared_.kept.open(*id_, [this] { give_up(); });
  if (!kept) {
    peer_.send(actioncable::welcome(*id_));
    return;
  }
  // Nothing comes of them before the client has said what it has heard.
  std::vector<std::string> restored;
  for (const auto& identifier : *kept)
    if (add(identifier) != nullptr) restored.push_back(identifier);
  peer_.send(actioncable::welcome_back(*id_, restored));
}

// ---- what the client says

void CableSession::on_text(std::string_view text) {
  const auto command = actioncable::parse_command(text);
  if (const auto* wanted = std::get_if<actioncable::Subscribe>(&command)) {
    subscribe(*wanted);
  } else if (const auto* left = std::get_if<actioncable::Unsubscribe>(&command)) {
    unsubscribe(left->identifier);
  } else if (const auto* asked = std::get_if<actioncable::History>(&command)) {
    tell_history(*asked);
  } else if (std::holds_alternative<actioncable::Bad>(command)) {
    on_bad();
  }
}

void CableSession::subscribe(const actioncable::Subscribe& command) {
  Channel* channel = find(command.identifier);
  // The browser's client asks again each 500 ms until it hears: no second stream.
  const bool is_new = channel == nullptr;
  if (is_new && channels_.size() >= shared_.limits.identifiers) {
    peer_.send(actioncable::rejection(command.identifier));
    return;
  }
  if (is_new) channel = add(command.identifier);
  if (channel == nullptr) {
    peer_.send(actioncable::rejection(command.identifier));
    return;
  }
  peer_.send(actioncable::confirmation(command.identifier));
  channel->history_due |= extended_ && command.wants_history;
  if (channel->waiting) start(*channel, command.heard);
  flush(*channel);
}

void CableSession::unsubscribe(const std::string& identifier) {
  std::erase_if(channels_,
                [&](const Channel& channel) { return channel.identifier == identifier; });
}

void CableSession::tell_history(const actioncable::History& command) {
  Channel* channel = extended_ ? find(command.identifier) : nullptr;
  if (channel == nullptr) {
    if (extended_) peer_.send(actioncable::history_rejection(command.identifier));
    return;
  }
  channel->history_due = true;
  if (channel->waiting) start(*channel, command.heard);
  flush(*channel);
}

// ---- its channels

CableSession::Channel* CableSession::find(const std::string& identifier) {
  const auto found = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& channel) {
    return channel.identifier == identifier;
  });
  return found == channels_.end() ? nullptr : &*found;
}

/// Null: it is no channel of ours.
CableSession::Channel* CableSession::add(const std::string& identifier) {
  auto wanted = actioncable::parse_identifier(identifier, shared_.limits);
  if (!wanted) return nullptr;
  Wrap wrap{.prefix = actioncable::data_prefix(identifier),
            .suffix = std::string(actioncable::kDataSuffix),
            .batch = wanted->batched ? Wrap::Batch::kUpdates : Wrap::Batch::kNone};
  if (extended_ && !wanted->batched) {
    wrap.place_prefix =
        actioncable::place_prefix(identifier, stream_of(identifier), shared_.kept.epoch());
    wrap.place_infix = actioncable::kPlaceInfix;
  }
  auto subscription = shared_.hub.subscribe(*this, Filter{}, wrap);
  subscription->max_hz(shared_.limits.max_hz);
  channels_.push_back(
      {identifier, std::move(subscription), std::make_unique<Filter>(std::move(wanted->filter))});
  return &channels_.back();
}

void CableSession::start(Channel& channel, const std::vector<actioncable::Position>& heard) {
  const auto filter = std::move(channel.waiting);
  channel.subscription->want(*filter, since(channel.identifier, *filter, heard));
}

/// All up to this version the client has had; 0: nothing is known.
std::uint64_t CableSession::since(std::string_view identifier, const Filter& filter,
                                  const std::vector<actioncable::Position>& heard) const {
  // Of segments and single instruments beside each other the order of versions is not kept.
  if (!extended_ || (filter.mask() != 0 && !filter.instruments.empty())) return 0;
  const auto stream = stream_of(identifier);
  for (const auto& position : heard)
    if (position.stream == stream && position.epoch == shared_.kept.epoch() &&
        position.offset <= shared_.hub.version())
      return position.offset;
  return 0;
}

void CableSession::flush(Channel& channel) {
  shared_.hub.flush(*channel.subscription);
  if (!channel.history_due || channel.subscription->blocked()) return;
  channel.history_due = false;
  peer_.send(actioncable::history_confirmation(channel.identifier));
}

// ---- the way to its socket

void CableSession::on_drained() {
  if (std::exchange(beat_due_, false)) peer_.send(actioncable::ping(wall_us() / 1'000'000));
  // Each time another is first, so that none is starved by those before it.
  if (channels_.empty()) return;
  const auto first = next_++ % channels_.size();
  for (std::size_t i = 0; i < channels_.size(); ++i)
    flush(channels_[(first + i) % channels_.size()]);
}

void CableSession::on_beat(std::int64_t unix_s) {
  for (auto& channel : channels_)
    if (channel.waiting && !shared_.hub.flushing()) {
      start(channel, {});
      flush(channel);
    }
  // Behind bytes that wait, a ping would only wait too, and pile up there.
  if (peer_.held()) {
    beat_due_ = true;
    peer_.want_writable();
  } else {
    peer_.send(actioncable::ping(unix_s));
  }
}

void CableSession::say_good_bye(std::string_view reason, bool come_back) {
  peer_.send(actioncable::disconnect(reason, come_back));
}

}  // namespace ltp::serve
