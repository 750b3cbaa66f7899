#include "stream.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "plain.hpp"
#include "prices_api.hpp"

#include <string>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kRetry = "retry: 1000\n\n";

Wrap wrap_of(Stream::Form form) {
  if (form == Stream::Form::kEvents)
    return {.framed = false, .prefix = "data: ", .suffix = "\n\n", .tells = true};
  return {.framed = false, .suffix = "\n", .tells = true};
}

}  // namespace

Stream::Stream(const Shared& shared, net::StreamPeer& peer, Form form, const Filter& filter,
               double max_hz)
    : Client(shared, peer),
      peer_(peer),
      form_(form),
      subscription_(shared.hub.subscribe(*this, filter, wrap_of(form))) {
  if (max_hz > 0) subscription_->max_hz(max_hz);
  shared_.hub.flush(*subscription_);
}

void Stream::on_drained() {
  shared_.hub.flush(*subscription_);
}

void Stream::on_beat(std::int64_t unix_s) {
  if (++beats_ % kBeats != 0) return;
  // While it holds bytes there is life enough in it.
  if (form_ == Form::kEvents) {
    write(":\n\n");
  } else {
    write(cat(R"({"type":"heartbeat","timestamp":")", ist(unix_s), "\"}\n"));
  }
}

void Stream::on_close(int, std::string_view, bool) {
  peer_.end();
}

std::unique_ptr<Client> open_stream(const Shared& shared, const net::Request& request,
                                    const net::Responder& respond) {
  const auto refuse = [&](std::string_view why) {
    respond.send({.status = 400,
                  .body = prices_api::error_answer(why, wall_us() / 1'000'000),
                  .headers = {{"cache-control", "no-store"}}});
    return nullptr;
  };
  const auto ask = plain::parse_query(request.query, shared.limits);
  if (!ask) return refuse(ask.error().text);
  if (ask.value().subscribe.empty()) return refuse("Missing 'keys' parameter");

  const bool events = request.accept.find(kEventStream) != std::string_view::npos;
  auto* peer =
      respond.stream({.content_type = std::string(events ? kEventStream : "application/x-ndjson"),
                      .body = std::string(events ? kRetry : ""),
                      .headers = {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}}});
  if (peer == nullptr) return nullptr;
  auto client =
      std::make_unique<Stream>(shared, *peer, events ? Stream::Form::kEvents : Stream::Form::kLines,
                               ask.value().subscribe, shared.limits.capped(ask.value().max_hz));
  peer->owner = static_cast<Client*>(client.get());
  return client;
}

}  // namespace ltp::serve
