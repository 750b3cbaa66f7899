#include "prices_route.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ltp::serve {
namespace {

std::int64_t now_s() {
  return wall_us() / 1'000'000;
}

/// Kept by nobody without asking again: prices move.
net::Response json(int status, std::string body) {
  return {.status = status, .body = std::move(body), .headers = {{"cache-control", "no-cache"}}};
}

net::Response error(int status, std::string_view text) {
  return json(status, prices_api::error_answer(text, now_s()));
}

bool has_any(std::span<const prices_api::Price> prices) {
  return std::any_of(prices.begin(), prices.end(),
                     [](const prices_api::Price& price) { return !price.text.empty(); });
}

struct Client {
  net::Responder respond;
  std::string if_none_match;  // of GET and HEAD
};

}  // namespace

/// One question, and all who wait for its answer.
struct PricesRoute::Flight {
  PricesSource::Keys keys;
  PricesSource::Detail detail = PricesSource::Detail::kNo;
  bool has_tag = false;
  std::vector<Client> waiting;
  std::optional<net::Response> response;
  std::string tag;

  void land(const PricesSource::Found& found) {
    if (!found.fault.empty() && !has_any(found.prices)) {
      response = error(503, found.fault);
    } else {
      auto answer = prices_api::answer(*keys, found.prices, now_s(),
                                       detail == PricesSource::Detail::kYes);
      response = json(200, std::move(answer.body));
      tag = std::move(answer.tag);
      if (has_tag) response->headers.emplace_back("etag", cat("W/", tag));
    }
    for (const auto& client : std::exchange(waiting, {})) give(client);
  }

  void give(const Client& client) const {
    const auto& known = client.if_none_match;
    const bool unchanged = has_tag && response->status == 200 && !known.empty() &&
                           (known == "*" || known.find(tag) != std::string::npos);
    client.respond.send(
        unchanged ? net::Response{.status = 304, .body = {}, .headers = response->headers}
                  : *response);
  }
};

PricesRoute::PricesRoute(loop::Loop& loop, PricesSource& source)
    : loop_(loop), source_(source), alive_(std::make_shared<const int>(0)) {}

PricesRoute::~PricesRoute() = default;

void PricesRoute::answer(const net::Request& request, const net::Responder& respond) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  Client client{respond, reads ? request.header("if-none-match") : std::string()};
  text_.assign(reads ? "r" : "w").append(request.query);
  if (!reads) text_.append("\n").append(request.content_type).append("\n").append(request.body);
  if (const auto same = flights_.find(text_); same != flights_.end()) {
    auto& flight = *same->second;
    if (flight.response) return flight.give(client);
    flight.waiting.push_back(std::move(client));
    return;
  }

  auto keys =
      prices_api::parse_request(request.method, request.query, request.content_type, request.body);
  if (!keys) return respond.send(error(400, keys.error().text));
  const bool detail = net::query_value(request.query, "detail") == "1";
  const auto flight = std::make_shared<Flight>();
  flight->keys = std::make_shared<const std::vector<prices_api::Key>>(std::move(keys).value());
  flight->detail = detail ? PricesSource::Detail::kYes : PricesSource::Detail::kNo;
  flight->has_tag = reads && !detail;
  flight->waiting.push_back(std::move(client));
  if (flights_.empty())
    loop_.defer([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) flights_.clear();
    });
  flights_.emplace(text_, flight);
  source_.prices(flight->keys, flight->detail,
                 [flight](const PricesSource::Found& found) { flight->land(found); });
}

}  // namespace ltp::serve
