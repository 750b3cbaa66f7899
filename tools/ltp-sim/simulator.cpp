#include "simulator.hpp"

#include "base/clock.hpp"
#include "dhan/subscribe.hpp"

#include <algorithm>
#include <utility>

namespace ltp::sim {
namespace {

constexpr loop::Ms kTurn{10};
constexpr loop::Ms kBeat{1000};
constexpr std::uint16_t kTooManyConnections = 805;
constexpr std::size_t kMostLate = 1000;

Session& session_of(net::WsPeer& peer) {
  return *static_cast<Session*>(peer.owner);
}

/// Takes one off the times that are left; nothing is left after the last.
template <class Fault>
void use_up(std::optional<Fault>& fault) {
  if (fault->times && --*fault->times == 0) fault.reset();
}

}  // namespace

Simulator::Simulator(loop::Loop& loop, Market& market, Settings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      floor_(market, settings_.rate_hz),
      gate_(settings_.gate),
      rest_(market, gate_),
      pace_(loop, [this] { turn(); }),
      beat_(loop,
            [this] {
              for (auto& session : sessions_) session->beat(steady_ms());
            }),
      stall_end_(loop, [this] {
        faults_.stalled = false;
        for (auto& session : sessions_) session->wire().stall(false);
      }) {
  pace_.start(kTurn, kTurn);
  beat_.start(kBeat, kBeat);
}

void Simulator::relay(dhan::Bytes message) {
  for (auto& session : sessions_) session->relay(message);
}

bool Simulator::is_wanted() const {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [](const auto& session) { return session->wishes() > 0; });
}

bool Simulator::is_free() const {
  return std::all_of(sessions_.begin(), sessions_.end(), [](const auto& session) {
    return session->wire().free() || session->wire().lost();
  });
}

void Simulator::on_request(const net::Request& request, net::Responder respond) {
  if (settings_.control && request.path.starts_with("/control/"))
    return respond.send(control(request));
  answer_rest(request, respond);
}

void Simulator::answer_rest(const net::Request& request, const net::Responder& respond) {
  auto response = rest_.answer(request, floor_.now_s(), steady_ms());
  if (!faults_.quotes || !Rest::is_quotes(request.path)) return respond.send(std::move(response));
  const auto told = *faults_.quotes;
  use_up(faults_.quotes);
  spoil(response, told);
  if (told.late_ms == 0 || late_.size() == kMostLate) return respond.send(std::move(response));
  late_.push_back({steady_ms() + told.late_ms, respond, std::move(response)});
}

net::UpgradeAnswer Simulator::on_upgrade(const net::Request& request) {
  const auto refuse = [this](int status, std::string why) -> net::UpgradeAnswer {
    ++refused_;
    return {.status = status, .body = std::move(why)};
  };
  if (faults_.refuse) {
    const auto told = *faults_.refuse;
    use_up(faults_.refuse);
    return refuse(told.status, told.text);
  }
  if (request.path != "/") return refuse(404, "Not Found");
  const auto value = [&](const char* name) {
    return net::query_value(request.query, name).value_or("");
  };
  if (value("version") != "2" || value("authType") != "2")
    return refuse(400, "version=2 and authType=2 are needed");
  const auto client_id = value("clientId");
  if (client_id.empty() || !gate_.admits(client_id, value("token")))
    return refuse(401, "clientId or token refused");
  return {};
}

void Simulator::on_open(net::WsPeer& peer, const net::Request& request) {
  ++connects_;
  const auto client_id = net::query_value(request.query, "clientId").value_or("");
  auto& session = *sessions_.emplace_back(
      std::make_unique<Session>(loop_, floor_, faults_, peer, client_id,
                                net::query_value(request.query, "token").value_or("")));
  peer.owner = &session;
  session.wire().drip(faults_.drip);
  session.wire().stall(faults_.stalled);
  if (faults_.lose_new) session.wire().lose();
  if (faults_.cut) {
    session.wire().cut_after(faults_.cut->after, faults_.cut->reset);
    use_up(faults_.cut);
  }
  session.flush();

  const auto same = [&](const auto& other) {
    return other->client_id() == client_id && other->live();
  };
  if (std::count_if(sessions_.begin(), sessions_.end(), same) >
      static_cast<std::ptrdiff_t>(dhan::kMaxConnections))
    (*std::find_if(sessions_.begin(), sessions_.end(), same))->disconnect(kTooManyConnections);
}

void Simulator::on_message(net::WsPeer& peer, std::string_view message, bool binary) {
  if (binary) return;  // the extra header of the old SDK: the JSON is what counts
  session_of(peer).on_request(message, steady_ms());
}

void Simulator::on_writable(net::WsPeer& peer) {
  session_of(peer).wire().on_writable();
}

void Simulator::on_pong(net::WsPeer& peer) {
  session_of(peer).on_pong(steady_ms());
}

void Simulator::on_close(net::WsPeer& peer, int) {
  std::erase_if(sessions_, [&](const auto& session) { return session.get() == peer.owner; });
}

void Simulator::turn() {
  floor_.turn(steady_ms());
  for (auto& session : sessions_) session->flush();
  std::erase_if(late_, [now_ms = steady_ms()](Late& late) {
    if (late.due_ms > now_ms) return false;
    late.respond.send(std::move(late.response));
    return true;
  });
}

}  // namespace ltp::sim
