#include "web.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"
#include "key_list.hpp"
#include "origin.hpp"
#include "page.hpp"
#include "prices_route.hpp"

#include <algorithm>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::string_view kPricesPath = "/api/v1/current_prices";
constexpr std::string_view kHealthPath = "/api/v1/health/market_stream";
constexpr loop::Ms kBeatEvery{3000};

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

Result<Filter, KeyError> filter_of(const net::Request& request) {
  return parse_filter(split_keys(net::query_value(request.query, "keys").value_or("")));
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

Web::Web(loop::Loop& loop, Hub& hub, const Intake& intake, PricesSource& source)
    : hub_(hub), intake_(intake), source_(source), beat_(loop, [this] { beat(); }) {
  beat_.start(kBeatEvery / kGroups, kBeatEvery / kGroups);
}

void Web::on_request(const net::Request& request, net::Responder respond) {
  const auto method = request.method;
  if (request.path == kPricesPath) return answer_prices(source_, request, respond);
  const auto* file = find_page(request.path);
  if (request.path == kHealthPath || file != nullptr) {
    if (method == "OPTIONS") return tell_methods(respond, "GET, HEAD, OPTIONS");
    if (!is_read(method)) return refuse_method(respond, "GET, HEAD, OPTIONS");
    if (file == nullptr) return answer_health(respond);
    return respond.send({.content_type = std::string(file->content_type),
                         .body = std::string(file->body),
                         .headers = {{"cache-control", "no-cache"}}});
  }
  respond.send({.status = 404, .content_type = "text/plain", .body = "Page not found"});
}

void Web::answer_health(const net::Responder& respond) {
  source_.heartbeat([this, respond](const PricesSource::Heartbeat& heartbeat) {
    const auto now_us = wall_us();
    auto answer = heartbeat.error.empty() ? describe({.heartbeat_us = heartbeat.at_us,
                                                      .source = heartbeat.source,
                                                      .feed_state = intake_.feed_state(),
                                                      .feed_reason = intake_.feed_reason(),
                                                      .last_tick_us = intake_.last_tick_us(),
                                                      .instruments = hub_.instruments(),
                                                      .clients = clients_,
                                                      .now_us = now_us})
                                          : describe_failure(heartbeat.error, now_us);
    respond.send(json(answer.status, std::move(answer.body)));
  });
}

net::UpgradeAnswer Web::on_upgrade(const net::Request& request) {
  const auto dialect = dialect_of(request.path);
  // Rails answers a forbidden origin as if there were nothing here; so do we.
  if (!dialect || !origin_allowed(request.origin, request.host)) return not_found();
  if (*dialect == Dialect::kPlain) {
    if (const auto filter = filter_of(request); !filter)
      return {.status = 400,
              .body = filter.error().text + "; ask for /ws?keys=NSE_EQ:2885,IDX_I:* or keys=*"};
  }
  return {.tag = static_cast<int>(*dialect)};
}

void Web::on_open(net::WsPeer& peer, const net::Request& request) {
  auto filter = filter_of(request);  // a plain client's was checked by on_upgrade()
  auto session =
      std::make_unique<Session>(hub_, peer, filter ? std::move(filter).value() : Filter{});
  auto& group = *std::min_element(groups_.begin(), groups_.end(),
                                  [](const auto& a, const auto& b) { return a.size() < b.size(); });
  group.push_back(session.get());
  peer.owner = session.release();
  ++clients_;
}

void Web::on_message(net::WsPeer& peer, std::string_view message, bool binary) {
  static_cast<Session*>(peer.owner)->on_message(message, binary);
}

void Web::on_writable(net::WsPeer& peer) {
  static_cast<Session*>(peer.owner)->on_writable();
}

void Web::on_close(net::WsPeer& peer, int) {
  const std::unique_ptr<Session> session{static_cast<Session*>(peer.owner)};
  for (auto& group : groups_) std::erase(group, session.get());
  --clients_;
}

void Web::beat() {
  for (Session* session : groups_[next_group_]) session->beat(now_s());
  next_group_ = (next_group_ + 1) % kGroups;
}

void Web::go_away() {
  beat_.stop();
  const auto groups = groups_;  // a session that closes at once leaves its group
  for (const auto& group : groups)
    for (Session* session : group) session->go_away();
}

}  // namespace ltp::serve
