#include "prices_route.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ltp::serve {
namespace {

constexpr auto kMethods = "GET, HEAD, POST, OPTIONS";

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

net::Response methods(net::Response response) {
  response.headers.emplace_back("allow", kMethods);
  return response;
}

bool has_any(std::span<const prices_api::Price> prices) {
  return std::any_of(prices.begin(), prices.end(),
                     [](const prices_api::Price& price) { return !price.text.empty(); });
}

/// What is the same for the request however long its answer takes.
struct Asked {
  std::vector<prices_api::Key> keys;
  PricesSource::Detail detail;
  std::string if_none_match;
  bool may_be_unchanged;
};

net::Response answer_to(const Asked& asked, const PricesSource::Found& found) {
  if (!found.fault.empty() && !has_any(found.prices)) return error(503, found.fault);
  const bool detail = asked.detail == PricesSource::Detail::kYes;
  auto answer = prices_api::answer(asked.keys, found.prices, now_s(), detail);
  auto response = json(200, std::move(answer.body));
  if (!asked.may_be_unchanged) return response;
  response.headers.emplace_back("etag", cat("W/", answer.tag));
  if (asked.if_none_match != "*" && asked.if_none_match.find(answer.tag) == std::string::npos)
    return response;
  response.status = 304;
  response.body.clear();
  return response;
}

}  // namespace

void answer_prices(PricesSource& source, const net::Request& request,
                   const net::Responder& respond) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.method == "OPTIONS") return respond.send(methods({.status = 204}));
  if (!reads && request.method != "POST")
    return respond.send(methods(error(405, "Method not allowed")));
  auto keys =
      prices_api::parse_request(request.method, request.query, request.content_type, request.body);
  if (!keys) return respond.send(error(400, keys.error().text));

  const bool detail = net::query_value(request.query, "detail") == "1";
  Asked asked{.keys = std::move(keys).value(),
              .detail = detail ? PricesSource::Detail::kYes : PricesSource::Detail::kNo,
              .if_none_match = reads ? request.header("if-none-match") : std::string(),
              .may_be_unchanged = reads && !detail};
  const auto shared = std::make_shared<const Asked>(std::move(asked));
  source.prices(shared->keys, shared->detail,
                [shared, respond](const PricesSource::Found& found) {
                  respond.send(answer_to(*shared, found));
                });
}

}  // namespace ltp::serve
