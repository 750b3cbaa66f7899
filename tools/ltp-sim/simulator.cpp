#include "simulator.hpp"

#include "base/clock.hpp"
#include "dhan/subscribe.hpp"

#include <algorithm>
#include <memory>
#include <set>

namespace ltp::sim {
namespace {

constexpr loop::Ms kTurn{10};
constexpr loop::Ms kBeat{1000};
constexpr std::uint16_t kTooManyConnections = 805;

std::int64_t now_s() {
  return wall_us() / 1'000'000;
}

}  // namespace

Simulator::Simulator(loop::Loop& loop, Market& market, Settings settings)
    : market_(market),
      settings_(std::move(settings)),
      rest_(market, settings_.admits),
      last_turn_ms_(steady_ms()),
      pace_(loop, [this] { turn(); }),
      beat_(loop, [this] {
        for (Session* session : sessions_) session->beat(steady_ms());
      }) {
  pace_.start(kTurn, kTurn);
  beat_.start(kBeat, kBeat);
}

void Simulator::on_request(const net::Request& request, net::Responder respond) {
  respond.send(rest_.answer(request, now_s(), steady_ms()));
}

net::UpgradeAnswer Simulator::on_upgrade(const net::Request& request) {
  if (request.path != "/") return {.status = 404, .body = "Not Found"};
  const auto value = [&](const char* name) {
    return net::query_value(request.query, name).value_or("");
  };
  if (value("version") != "2" || value("authType") != "2")
    return {.status = 400, .body = "version=2 and authType=2 are needed"};
  const auto client_id = value("clientId");
  const auto token = value("token");
  if (client_id.empty() || token.empty() || !settings_.admits(client_id, token))
    return {.status = 401, .body = "clientId or token refused"};
  return {};
}

void Simulator::on_open(net::WsPeer& peer, const net::Request& request) {
  const auto client_id = net::query_value(request.query, "clientId").value_or("");
  auto* session = new Session(market_, peer, client_id);  // deleted by on_close()
  peer.owner = session;
  sessions_.push_back(session);
  const auto same = [&](const Session* other) { return other->client_id() == client_id; };
  if (std::count_if(sessions_.begin(), sessions_.end(), same) >
      static_cast<std::ptrdiff_t>(dhan::kMaxConnections))
    (*std::find_if(sessions_.begin(), sessions_.end(), same))->disconnect(kTooManyConnections);
}

void Simulator::on_message(net::WsPeer& peer, std::string_view message, bool binary) {
  if (binary) return;  // the extra header of the old SDK: the JSON is what counts
  static_cast<Session*>(peer.owner)->on_request(message, now_s());
  changed_ = true;
}

void Simulator::on_pong(net::WsPeer& peer) {
  static_cast<Session*>(peer.owner)->on_pong(steady_ms());
}

void Simulator::on_close(net::WsPeer& peer, int) {
  const std::unique_ptr<Session> session{static_cast<Session*>(peer.owner)};
  std::erase(sessions_, session.get());
  changed_ = true;
}

void Simulator::collect() {
  changed_ = false;
  std::set<Instrument> all;
  for (const Session* session : sessions_)
    for (const auto& [instrument, mode] : session->wanted())
      if (market_.open_day(instrument, now_s()) != nullptr) all.insert(instrument);
  traded_.assign(all.begin(), all.end());
  next_ = 0;
}

void Simulator::turn() {
  const auto now = steady_ms();
  const auto passed_s = static_cast<double>(now - last_turn_ms_) / 1000;
  last_turn_ms_ = now;
  if (changed_) collect();
  if (traded_.empty()) {
    owed_ = 0;
    return;
  }
  // After a pause of the machine no more than a second is made up for.
  const auto per_second = settings_.rate_hz * static_cast<double>(traded_.size());
  owed_ = std::min(owed_ + per_second * passed_s, std::max(per_second, 1.0));
  const auto utc_s = now_s();
  for (; owed_ >= 1; owed_ -= 1) {
    const auto instrument = traded_[next_];
    next_ = (next_ + 1) % traded_.size();
    if (!market_.trade(instrument, utc_s)) continue;
    for (Session* session : sessions_) session->on_trade(instrument);
  }
  for (Session* session : sessions_) session->flush();
}

}  // namespace ltp::sim
