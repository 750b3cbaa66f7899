#include "rest.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "tick/ndjson.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ltp::sim {
namespace {

constexpr std::size_t kMaxInstruments = 1000;
constexpr std::size_t kMaxClients = 10'000;  // remembered for the limit
constexpr std::int64_t kOneQuoteIn_ms = 1000;

net::Response json(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

net::Response error(int status, std::string_view type, std::string_view code,
                    std::string_view message) {
  return json(status, cat(R"({"errorType":")", type, R"(","errorCode":")", code,
                          R"(","errorMessage":")", message, R"("})"));
}

std::string price(float value) {
  std::string out;
  ndjson::append_price(out, value);
  return out;
}

/// "dd/mm/yyyy HH:MM:SS" in Indian time, out of 2026-01-05T10:15:30+05:30.
std::string trade_time(std::int64_t utc_s) {
  const auto text = ist(utc_s);
  const std::string_view view = text;
  return cat(view.substr(8, 2), "/", view.substr(5, 2), "/", view.substr(0, 4), " ",
             view.substr(11, 8));
}

std::string ohlc(const Day& day) {
  return cat(R"("ohlc":{"open":)", price(day.open), R"(,"close":)", price(day.prev_close),
             R"(,"high":)", price(day.high), R"(,"low":)", price(day.low), "}");
}

/// To the decimals of the tick size: the difference of two binary32 has noise behind them.
std::string net_change(const Day& day) {
  const double unit = day.listing.tick_size < 0.01 ? 1e4 : 1e2;
  return dump_json(std::round((double{day.ltp} - double{day.prev_close}) * unit) / unit);
}

std::string depth_side(const dhan::Depth& depth, bool buy) {
  std::string out = "[";
  for (const auto& level : depth)
    out += cat(out.size() > 1 ? "," : "", R"({"quantity":)", buy ? level.bid_qty : level.ask_qty,
               R"(,"orders":)", buy ? level.bid_orders : level.ask_orders, R"(,"price":)",
               price(buy ? level.bid_price : level.ask_price), "}");
  return out + "]";
}

std::string quote(const Day& day) {
  const auto depth = day.depth();
  std::uint32_t buy = 0;
  std::uint32_t sell = 0;
  for (const auto& level : depth) {
    buy += level.bid_qty;
    sell += level.ask_qty;
  }
  return cat(R"("average_price":)", price(day.average()), R"(,"buy_quantity":)", buy,
             R"(,"depth":{"buy":)", depth_side(depth, true), R"(,"sell":)",
             depth_side(depth, false), R"(},"last_price":)", price(day.ltp), R"(,"last_quantity":)",
             day.last_qty, R"(,"last_trade_time":")", trade_time(day.traded_s),
             R"(","lower_circuit_limit":)", price(day.lower_limit), R"(,"net_change":)",
             net_change(day), ",", ohlc(day), R"(,"oi":)", day.open_interest, R"(,"oi_day_high":)",
             day.open_interest, R"(,"oi_day_low":)", std::min(day.open_interest, kInterestAtOpen),
             R"(,"sell_quantity":)", sell, R"(,"upper_circuit_limit":)", price(day.upper_limit),
             R"(,"volume":)", day.volume);
}

std::string token_of(const net::Request& request) {
  return request.header("access-token");
}

}  // namespace

net::Response Rest::answer(const net::Request& request, std::int64_t now_s, std::int64_t now_ms) {
  std::optional<Detail> detail;
  if (request.path == "/v2/marketfeed/ltp") detail = Detail::kLtp;
  if (request.path == "/v2/marketfeed/ohlc") detail = Detail::kOhlc;
  if (request.path == "/v2/marketfeed/quote") detail = Detail::kQuote;
  const bool is_profile = request.path == "/v2/profile";
  if (!detail && !is_profile) {
    std::string out =
        cat(R"({"timestamp":)", now_s * 1000, R"(,"status":404,"error":"Not Found","path":)");
    ndjson::append_string(out, request.path);
    return json(404, out + "}");
  }
  if (request.method != (is_profile ? "GET" : "POST"))
    return error(405, "Input_Exception", "DH-905", "Method not allowed");

  auto client_id = request.header("client-id");
  const auto token = token_of(request);
  if (token.empty() || (!is_profile && client_id.empty()) || !gate_.admits(client_id, token))
    return error(401, "Invalid_Authentication", "DH-901",
                 "Client ID or user generated access token is invalid or expired.");
  if (is_profile) return profile(client_id, now_s);
  return quotes(request, *detail, client_id, now_s, now_ms);
}

net::Response Rest::quotes(const net::Request& request, Detail detail, const std::string& client_id,
                           std::int64_t now_s, std::int64_t now_ms) {
  note(now_ms);
  if (asked_ms_.size() > kMaxClients) asked_ms_.clear();
  const auto [asked, first] = asked_ms_.try_emplace(client_id, now_ms);
  if (!first && now_ms - asked->second < kOneQuoteIn_ms) {
    ++asked_.too_soon;
    return json(429, R"({"data":{"805":"Too many requests. Further requests may result in the )"
                     R"(user being blocked."},"status":"failed"})");
  }
  asked->second = now_ms;

  const auto body = parse_json(request.body);
  if (!body.is_object()) return error(400, "Input_Exception", "DH-905", "Bad request body");
  std::size_t count = 0;
  for (const auto& ids : body) {
    if (ids.is_string()) continue;  // some SDKs send dhanClientId along
    if (!ids.is_array()) return error(400, "Input_Exception", "DH-905", "Bad request body");
    count += ids.size();
    for (const auto& id : ids)
      if (!id.is_number_unsigned())
        return error(400, "Input_Exception", "DH-905", "Security ids have to be integers");
  }
  if (count > kMaxInstruments)
    return error(400, "Input_Exception", "DH-905", "Too many instruments in one request");

  asked_.ids += count;
  asked_.most_ids_in_a_request = std::max(asked_.most_ids_in_a_request, count);
  std::string data;
  for (const auto& [name, ids] : body.items()) {
    const auto segment = segment_from_name(name);
    if (!segment || !ids.is_array()) continue;
    std::string entries;
    for (const auto& entry : ids) {
      const auto id = entry.get<std::uint64_t>();
      if (asked_.distinct.size() < kMaxDistinct)
        asked_.distinct.insert({*segment, static_cast<std::uint32_t>(id)});
      if (id == 0 || id >= kUnknownIds) continue;  // left out without an error
      const auto* day = market_.open_day({*segment, static_cast<std::uint32_t>(id)}, now_s);
      if (day == nullptr) continue;
      entries +=
          cat(entries.empty() ? "" : ",", "\"", id, "\":{",
              detail == Detail::kQuote ? quote(*day) : cat(R"("last_price":)", price(day->ltp)),
              detail == Detail::kOhlc ? "," + ohlc(*day) : std::string{}, "}");
    }
    data += cat(data.empty() ? "" : ",", "\"", segment_name(*segment), "\":{", entries, "}");
  }
  return json(200, cat(R"({"data":{)", data, R"(},"status":"success"})"));
}

void Rest::note(std::int64_t now_ms) {
  ++asked_.requests;
  if (asked_.last_ms) {
    const auto gap = now_ms - *asked_.last_ms;
    asked_.least_gap_ms = std::min(asked_.least_gap_ms.value_or(gap), gap);
  }
  asked_.last_ms = now_ms;
}

net::Response Rest::profile(const std::string& client_id, std::int64_t now_s) const {
  constexpr std::int64_t kDay_s = 86'400;
  const auto until = trade_time(now_s + kDay_s).substr(0, 16);  // dd/mm/yyyy HH:MM
  const auto paid = ist(now_s + 30 * kDay_s);
  std::string id;
  ndjson::append_string(id, client_id.empty() ? "1000000001" : client_id);
  return json(200, cat(R"({"dhanClientId":)", id, R"(,"tokenValidity":")", until,
                       R"(","activeSegment":"Equity, Derivative, Currency, Commodity",)"
                       R"("ddpi":"Active","mtf":"Active","dataPlan":"Active","dataValidity":")",
                       std::string_view(paid).substr(0, 10), " ",
                       std::string_view(paid).substr(11, 8), R"(.0"})"));
}

void spoil(net::Response& response, const command::Quotes& told) {
  if (told.status != 0)
    response = error(told.status, "Simulated", told.status == 429 ? "DH-904" : "DH-908",
                     "wrong for a test");
  switch (told.kind) {
    case BadQuote::kNone: break;
    case BadQuote::kHtml:
      response.content_type = "text/html";
      response.body = "<!doctype html><title>Bad gateway</title><p>The origin did not answer.";
      break;
    case BadQuote::kTruncated: response.body.resize(response.body.size() / 2); break;
    case BadQuote::kZero: {
      auto body = parse_json(response.body);
      if (!body.is_object() || !body.contains("data")) break;
      for (auto& segment : body["data"])
        for (auto& entry : segment)
          if (entry.is_object()) entry["last_price"] = 0;
      response.body = dump_json(body);
      break;
    }
    case BadQuote::kMissing: response.body = R"({"data":{},"status":"success"})"; break;
    case BadQuote::kRedirect:
      if (told.status == 0) response.status = 302;
      response.headers.emplace_back("location", told.to);
      break;
  }
}

}  // namespace ltp::sim
