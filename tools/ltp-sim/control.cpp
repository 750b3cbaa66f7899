#include "simulator.hpp"

#include "base/text.hpp"
#include "cli/log.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>
#include <utility>
#include <vector>

/// The part of the simulator that is told what to do, and tells what is.
namespace ltp::sim {
namespace {

constexpr std::uint16_t kTokenExpired = 807;

net::Response plain(int status, const std::string& text) {
  return {.status = status, .content_type = "text/plain", .body = text + "\n"};
}

}  // namespace

net::Response Simulator::control(const net::Request& request) {
  const auto words = request.path.substr(std::string_view("/control/").size());
  const bool is_question = words == "truth" || words == "state";
  if (request.method != (is_question ? "GET" : "POST"))
    return plain(405, is_question ? "ask with GET" : "tell with POST");
  if (words == "truth") return {.content_type = "application/x-ndjson", .body = truth()};
  if (words == "state") return {.body = state()};

  const auto text = cat(words, request.query.empty() ? "" : "?", request.query);
  const auto command = parse_command(text);
  if (!command) return plain(command.error().unknown ? 404 : 400, command.error().text);
  if (const auto why_not = obey(command.value())) return plain(400, *why_not);
  cli::log::info(cat("told to ", printable(text)));
  return plain(200, "ok");
}

std::optional<std::string> Simulator::obey(const Command& command) {
  return std::visit([this](const auto& told) { return apply(told); }, command);
}

Simulator::Done Simulator::apply(const command::Mute& mute) {
  if (mute.key)
    faults_.muted.insert(*mute.key);
  else
    faults_.mute = true;
  return {};
}

Simulator::Done Simulator::apply(const command::HalfOpen& half_open) {
  for (auto& session : sessions_) session->wire().lose();
  faults_.lose_new = half_open.new_too;
  return {};
}

Simulator::Done Simulator::apply(const command::Cut& cut) {
  if (cut.times)
    faults_.cut = cut;
  else
    for (auto& session : sessions_) session->wire().cut_after(cut.after, cut.reset);
  return {};
}

Simulator::Done Simulator::apply(const command::Disconnect& disconnect) {
  for (auto& session : sessions_) session->disconnect(disconnect.code);
  return {};
}

Simulator::Done Simulator::apply(const command::Refuse& refuse) {
  faults_.refuse = refuse;
  return {};
}

Simulator::Done Simulator::apply(const command::Expire&) {
  std::set<std::string> tokens;
  if (auto token = gate_.present_token(); !token.empty()) tokens.insert(std::move(token));
  for (auto& session : sessions_) tokens.insert(session->token());
  if (tokens.empty()) return "expire: no token is known; connect first, or give --token-file";
  for (const auto& token : tokens)
    if (!gate_.expire(token)) return "expire: too many tokens have expired; heal first";
  return apply(command::Disconnect{kTokenExpired});
}

Simulator::Done Simulator::apply(const command::Inject& inject) {
  for (auto& session : sessions_) session->send_malformed(inject.kind);
  return {};
}

Simulator::Done Simulator::apply(const command::Batch& batch) {
  for (auto& session : sessions_) session->send_batch(batch.packets);
  return {};
}

Simulator::Done Simulator::apply(const command::Drip& drip) {
  faults_.drip = Wire::Drip{drip.bytes, loop::Ms{drip.ms}};
  for (auto& session : sessions_) session->wire().drip(faults_.drip);
  return {};
}

Simulator::Done Simulator::apply(const command::Oversize& oversize) {
  const std::string zeros(oversize.bytes, '\0');
  for (auto& session : sessions_) session->wire().message(zeros);
  return {};
}

Simulator::Done Simulator::apply(const command::Stall& stall) {
  faults_.stalled = true;
  for (auto& session : sessions_) session->wire().stall(true);
  stall_end_.stop();
  if (stall.ms) stall_end_.start(loop::Ms{*stall.ms});
  return {};
}

Simulator::Done Simulator::apply(const command::Clock& clock) {
  floor_.set_clock_offset(clock.offset_s);
  return {};
}

Simulator::Done Simulator::apply(const command::Rate& rate) {
  floor_.set_rate(rate.hz);
  return {};
}

Simulator::Done Simulator::apply(const command::Burst& burst) {
  floor_.burst(burst.trades);
  return {};
}

Simulator::Done Simulator::apply(const command::Quotes& quotes) {
  faults_.quotes = quotes;
  return {};
}

Simulator::Done Simulator::apply(const command::Freeze&) {
  floor_.freeze(true);
  return {};
}

Simulator::Done Simulator::apply(const command::Heal&) {
  faults_ = {};
  gate_.heal();
  stall_end_.stop();
  floor_.set_rate(settings_.rate_hz);
  floor_.set_clock_offset(0);
  floor_.freeze(false);
  for (auto& session : sessions_) session->wire().heal();
  return {};
}

std::string Simulator::state() const {
  std::string connections;
  for (const auto& session : sessions_) {
    std::string id;
    ndjson::append_string(id, session->client_id());
    const auto& asked = session->asked();
    connections +=
        cat(connections.empty() ? "" : ",", R"({"client_id":)", id, R"(,"subscriptions":)",
            session->wishes(), R"(,"owed":)", session->owed(), R"(,"messages_sent":)",
            session->wire().messages_sent(), R"(,"bytes_sent":)", session->wire().bytes_sent(),
            R"(,"requests":)", asked.requests, R"(,"most_requests_in_a_second":)",
            asked.most_requests_in_a_second, R"(,"most_instruments_in_a_request":)",
            asked.most_instruments_in_a_request, "}");
  }
  const auto& quotes = rest_.asked();
  return cat(R"({"connects":)", connects_, R"(,"refused":)", refused_, R"(,"instruments":)",
             floor_.instruments(), R"(,"trades":)", floor_.trades(), R"(,"quotes":{"requests":)",
             quotes.requests, R"(,"too_soon":)", quotes.too_soon, R"(,"ids":)", quotes.ids,
             R"(,"distinct_ids":)", quotes.distinct.size(), R"(,"most_ids_in_a_request":)",
             quotes.most_ids_in_a_request, R"(,"least_gap_ms":)",
             quotes.least_gap_ms ? cat(*quotes.least_gap_ms) : "null", R"(},"connections":[)",
             connections, "]}\n");
}

std::string Simulator::truth() const {
  std::vector<const Day*> days;
  for (const auto& [instrument, day] : floor_.market().days()) days.push_back(&day);
  std::sort(days.begin(), days.end(),
            [](const Day* a, const Day* b) { return a->instrument < b->instrument; });
  std::string out;
  for (const Day* day : days) {
    out += cat(R"({"instrument_key":")", to_text(day->instrument), R"(","ltp":)");
    ndjson::append_price(out, day->ltp);
    out += "}\n";
  }
  return out;
}

}  // namespace ltp::sim
