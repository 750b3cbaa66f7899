#include "web.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"
#include "origin.hpp"
#include "page.hpp"
#include "search.hpp"
#include "stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::string_view kApi = "/api/";
constexpr std::string_view kPricesPath = "/api/v1/current_prices";
constexpr std::string_view kHealthPath = "/api/v1/health/market_stream";
constexpr std::string_view kAlivePath = "/livez";
constexpr std::string_view kReadyPath = "/readyz";
constexpr std::string_view kSearchPath = "/api/v1/instruments";

std::int64_t now_s() {
  return wall_us() / 1'000'000;
}

net::Response json(int status, std::string body) {
  return {.status = status, .body = std::move(body), .headers = {{"cache-control", "no-store"}}};
}

bool is_read(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

void refuse_method(const net::Responder& respond, std::string allowed) {
  auto response = json(405, prices_api::error_answer("Method not allowed", now_s()));
  response.headers.emplace_back("allow", std::move(allowed));
  respond.send(std::move(response));
}

void tell_methods(const net::Responder& respond, std::string allowed) {
  respond.send({.status = 204, .body = {}, .headers = {{"allow", std::move(allowed)}}});
}

/// Which words a path stands for.
std::optional<Dialect> dialect_of(std::string_view path) {
  if (path == "/cable") return Dialect::kActionCable;
  if (path == "/ws") return Dialect::kPlain;
  return std::nullopt;
}

net::UpgradeAnswer not_found() {
  return {.status = 404, .body = "Page not found"};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> security_headers() {
  return {{"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"},
          {"content-security-policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}};
}

Web::Web(loop::Loop& loop, Hub& hub, const Intake& intake, PricesSource& source,
         const Admission& admission, const Limits& limits)
    : hub_(hub),
      intake_(intake),
      source_(source),
      prices_(loop, source),
      admission_(admission),
      shared_{hub, limits, kept_},
      beats_(steady_ms()),
      beat_(loop, [this] { keep_time(); }) {
  beat_.start(loop::Ms{Beats::kStep_ms}, loop::Ms{Beats::kStep_ms});
}

bool Web::is_brief(const net::Request& request) {
  return request.path != kStreamPath;
}

net::Headers Web::headers_for(const net::Request& request) {
  // The script as well: as a module, or with its hash in the tag, it is read by CORS.
  const bool for_others = request.path.starts_with(kApi) || request.path == "/embed.js";
  return for_others ? admission_.cors_headers(request) : net::Headers{};
}

void Web::on_request(const net::Request& request, net::Responder respond) {
  keep_time();
  const bool takes_post = request.path == kPricesPath;
  const auto* methods = takes_post ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS";
  if (request.path.starts_with(kApi) && admission_.is_preflight(request))
    return respond.send(
        {.status = 204, .body = {}, .headers = admission_.preflight_headers(methods)});

  const bool is_probe = request.path == kAlivePath || request.path == kReadyPath;
  const bool is_ours = takes_post || is_probe || request.path == kStreamPath ||
                       request.path == kHealthPath || request.path == kSearchPath ||
                       find_page(request.path) != nullptr;
  if (!is_ours)
    return respond.send({.status = 404, .content_type = "text/plain", .body = "Page not found"});
  if (request.method == "OPTIONS") return tell_methods(respond, methods);
  if (!is_read(request.method) && !(takes_post && request.method == "POST"))
    return refuse_method(respond, methods);

  if (is_probe) return answer_probe(request.path, respond);
  if (request.path == kHealthPath) return answer_health(respond);
  if (!request.path.starts_with(kApi)) return answer_file(request, respond);
  const auto ends_s = token_of(request, respond);
  if (!ends_s) return;
  if (takes_post) return prices_.answer(request, respond);
  if (request.path == kSearchPath) return answer_search(request, respond);
  if (auto client = open_stream(shared_, request, respond)) {
    client->expires(*ends_s);
    add(*client.release());
  }
}

void Web::answer_file(const net::Request& request, const net::Responder& respond) {
  const auto* file = find_page(request.path);
  respond.send({.content_type = std::string(file->content_type),
                .body = std::string(file->body),
                .headers = {{"cache-control", "no-cache"}}});
}

/// When it ends; without a good one the request has been answered.
std::optional<std::int64_t> Web::token_of(const net::Request& request,
                                          const net::Responder& respond) {
  const auto ends_s = admission_.token_of(request, now_s());
  if (ends_s) return ends_s.value();
  auto response = json(401, prices_api::error_answer(ends_s.error(), now_s()));
  response.headers.emplace_back("www-authenticate", "Bearer");
  respond.send(std::move(response));
  return std::nullopt;
}

void Web::answer_probe(std::string_view path, const net::Responder& respond) {
  const auto now_us = wall_us();
  auto answer = path == kAlivePath ? describe_alive()
                                   : describe_ready(intake_.liveness().verdict(now_us), now_us);
  respond.send(json(answer.status, std::move(answer.body)));
}

void Web::answer_health(const net::Responder& respond) {
  source_.heartbeat([this, respond](const PricesSource::Heartbeat& heartbeat) {
    const auto now_us = wall_us();
    if (!heartbeat.error.empty()) {
      auto failure = describe_failure(heartbeat.error, now_us);
      return respond.send(json(failure.status, std::move(failure.body)));
    }
    // A feed whose prices nobody keeps in Redis is heard all the same.
    const bool kept = heartbeat.at_us.has_value();
    const auto& liveness = intake_.liveness();
    auto answer = describe({.heartbeat_us = kept ? heartbeat.at_us : liveness.alive_us(),
                            .source = kept ? heartbeat.source : "memory",
                            .verdict = liveness.verdict(now_us),
                            .feed_state = liveness.feed_state(),
                            .feed_reason = liveness.feed_reason(),
                            .last_tick_us = liveness.last_tick_us(),
                            .feed_reconnects = intake_.feed_reconnects(),
                            .links_lost = liveness.links_lost(),
                            .instruments = hub_.instruments(),
                            .clients = clients_,
                            .now_us = now_us});
    respond.send(json(answer.status, std::move(answer.body)));
  });
}

void Web::answer_search(const net::Request& request, const net::Responder& respond) {
  const auto text = net::query_value(request.query, "q").value_or("");
  const auto asked = net::query_value(request.query, "limit").value_or("");
  std::size_t limit = search::kMostFound;
  std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  respond.send(json(200, search::answer(hub_, text, std::min(limit, search::kMostFound))));
}

net::UpgradeAnswer Web::on_upgrade(const net::Request& request) {
  keep_time();
  const auto dialect = dialect_of(request.path);
  // Rails answers a forbidden origin as if there were nothing here; so do we.
  if (!dialect || !origin_allowed(admission_.origins, request.origin, request.host))
    return not_found();
  if (auto fault = query_fault(*dialect, request.query, shared_.limits))
    return {.status = 400, .body = *std::move(fault)};
  // A client of ActionCable is told in its own words, or it would try again for ever.
  if (const auto token = admission_.token_of(request, now_s());
      !token && *dialect != Dialect::kActionCable)
    return {.status = 401, .body = token.error()};
  return {.tag = static_cast<int>(*dialect)};
}

void Web::on_open(net::WsPeer& peer, const net::Request& request) {
  const auto ends_s = admission_.token_of(request, now_s());
  if (!ends_s) {
    peer.send(actioncable::disconnect("unauthorized", false));
    return peer.close(Client::kUnauthorized, "unauthorized");
  }
  auto session = make_session(shared_, peer, request);
  session->expires(ends_s.value());
  add(*session);
  peer.owner = session.release();
}

void Web::add(Client& client) {
  auto& group = *std::min_element(groups_.begin(), groups_.end(),
                                  [](const auto& a, const auto& b) { return a.size() < b.size(); });
  group.push_back(&client);
  ++clients_;
}

void Web::remove(Client& client) {
  for (auto& group : groups_) std::erase(group, &client);
  --clients_;
}

void Web::on_message(net::WsPeer& peer, std::string_view message, bool binary) {
  if (auto* session = static_cast<Session*>(peer.owner)) session->on_message(message, binary);
}

void Web::on_writable(net::WsPeer& peer) {
  if (auto* session = static_cast<Session*>(peer.owner)) session->on_writable();
}

void Web::on_close(net::WsPeer& peer, int) {
  const std::unique_ptr<Session> session{static_cast<Session*>(peer.owner)};
  if (session) remove(*session);
}

void Web::on_stream_writable(net::StreamPeer& peer) {
  static_cast<Client*>(peer.owner)->on_writable();
}

void Web::on_stream_close(net::StreamPeer& peer) {
  const std::unique_ptr<Client> client{static_cast<Client*>(peer.owner)};
  remove(*client);
}

void Web::keep_time() {
  const auto now_ms = steady_ms();
  if (!beat_.running()) return;
  while (const auto group = beats_.due(now_ms))
    for (Client* client : groups_[*group]) client->beat(now_s());
}

void Web::go_away(std::size_t count) {
  beat_.stop();
  const auto groups = groups_;  // a client that leaves at once leaves its group
  for (const auto& group : groups)
    for (Client* client : group) {
      if (client->closed()) continue;
      if (count == 0) return;
      --count;
      client->go_away();
    }
}

}  // namespace ltp::serve
