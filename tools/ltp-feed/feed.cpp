#include "feed.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "dhan/subscribe.hpp"

#include <utility>

namespace ltp::feed {
namespace {

namespace log = cli::log;
using loop::Ms;

constexpr Ms kConnectTimeout{15'000};
constexpr Ms kPulseCheck{5000};
constexpr std::int64_t kStatusEvery_ms = 10'000;
constexpr Ms kDeadAfter{40'000};
constexpr std::int64_t kSteadyAfter_ms = 60'000;
constexpr std::int64_t kTellEvery_ms = 60'000;
constexpr std::string_view kSimulator = "ltp-sim";

}  // namespace

Feed::Feed(net::Context& context, Settings settings, const WatchList& watch, Output& output,
           std::function<void(std::string)> on_refused)
    : settings_(std::move(settings)),
      watch_(watch),
      output_(output),
      on_refused_(std::move(on_refused)),
      client_(context, {[this](std::string_view server) { on_open(server); },
                        [this](auto message, bool binary) { on_message(message, binary); },
                        [this](const net::WsClosed& why) { on_closed(why); }}),
      retry_(context.loop(), [this] { connect(); }),
      pulse_(context.loop(), [this] { check_pulse(); }),
      intake_(output) {
  intake_.watch(watch);
}

void Feed::start() {
  pulse_.start(kPulseCheck, kPulseCheck);
  connect();
}

void Feed::stop() {
  retry_.stop();
  pulse_.stop();
  if (client_.is_open())
    client_.send_text(dhan::request_text(dhan::Action::kDisconnect, settings_.mode, {}));
  client_.close();
  write_status("disconnected", "stopped", std::nullopt);
  tell_issues();
}

void Feed::connect() {
  const auto& to = settings_.endpoint;
  log::debug(cat("connecting to ", to.label()));
  client_.open({.tls = to.tls(),
                .host = to.host(),
                .port = to.port(),
                .resource = to.resource(settings_.credentials),
                .ca_file = {}},
               kConnectTimeout);
}

void Feed::on_open(std::string_view server) {
  const bool simulated = server.starts_with(kSimulator);
  intake_.set_source(simulated ? Source::kSimulator : Source::kWebsocket);
  opened_ms_ = steady_ms();
  last_reason_.clear();
  const auto& instruments = watch_.instruments();
  for (auto& text : dhan::request_texts(dhan::Action::kSubscribe, settings_.mode, instruments))
    client_.send_text(std::move(text));
  log::info(cat("connected to ", settings_.endpoint.label(),
                simulated ? " (a simulator)" : "", "; ",
                counted(instruments.size(), "instrument"), " in ", to_text(settings_.mode),
                " mode"));
  write_status("connected", {}, std::nullopt);
}

void Feed::on_message(std::span<const std::byte> message, bool binary) {
  const auto heard = intake_.on_message(message, binary, wall_us());  // the one clock read
  output_.flush();
  if (heard.market_status) write_status("connected", {}, std::nullopt, heard.market_status);
  if (heard.goodbye) on_disconnect_packet(heard.goodbye->reason);
}

void Feed::on_disconnect_packet(std::uint16_t reason) {
  client_.close();
  go_down(dhan::next_move(reason), dhan::describe(reason), reason);
}

void Feed::on_closed(const net::WsClosed& why) {
  const auto move = why.kind == net::WsClosed::Kind::kHttp ? dhan::next_move_http(why.http_status)
                                                           : dhan::NextMove::kRetry;
  go_down(move, why.text, std::nullopt);
}

void Feed::check_pulse() {
  const auto now = steady_ms();
  if (now - told_ms_ >= kTellEvery_ms) tell_issues();
  if (!client_.is_open()) return;
  if (client_.silent_for() < kDeadAfter) {
    // In a quiet market this is all that tells the stages behind us that we live.
    if (now - last_status_ms_ >= kStatusEvery_ms) write_status("connected", {}, std::nullopt);
    return;
  }
  client_.close();
  go_down(dhan::NextMove::kRetry, cat("nothing came for ", kDeadAfter.count() / 1000, " s"),
          std::nullopt);
}

void Feed::go_down(dhan::NextMove move, const std::string& reason, std::optional<int> code) {
  const auto broker = settings_.endpoint.label();
  const bool was_open = opened_ms_ != 0;
  if (was_open && steady_ms() - opened_ms_ >= kSteadyAfter_ms) {
    backoff_.reset();
    cooldown_.reset();
  }
  opened_ms_ = 0;
  write_status("disconnected", reason, code);

  if (move != dhan::NextMove::kRetry && move != dhan::NextMove::kCooldown) {
    const auto advice = move == dhan::NextMove::kNewToken ? "; renew the token, then start again"
                        : move == dhan::NextMove::kFatal  ? "; see to the account, then start again"
                                                          : "; starting again will not help";
    on_refused_(cat("the feed at ", broker, " refused us: ", reason, advice));
    return;
  }
  ++reconnects_;
  const auto wait = move == dhan::NextMove::kCooldown ? cooldown_.next() : backoff_.next();
  if (reason != last_reason_) {
    log::warn(cat("the feed at ", broker, was_open ? " is gone (" : " cannot be reached (", reason,
                  "); trying again in ", (wait.count() + 999) / 1000, " s"));
    last_reason_ = reason;
  }
  retry_.start(wait);
}

void Feed::write_status(std::string_view state, std::string_view reason, std::optional<int> code,
                        std::optional<Segment> market) {
  last_status_ms_ = steady_ms();
  line_.clear();
  ndjson::append_status(line_, {.state = state,
                                .reason = reason,
                                .code = code,
                                .market = market,
                                .source = intake_.source(),
                                .subscriptions = watch_.instruments().size(),
                                .reconnects = reconnects_,
                                .now_us = wall_us()});
  output_.status(line_);
  output_.flush();
}

void Feed::tell_issues() {
  told_ms_ = steady_ms();
  if (auto odd = intake_.odd_things(); odd != told_) {
    log::warn(cat("odd things in the broker's messages so far: ", odd));
    told_ = std::move(odd);
  }
  if (output_.merged() != told_merged_) {
    told_merged_ = output_.merged();
    log::warn(cat("the reader of standard output is slow; ticks replaced by newer ones so far: ",
                  told_merged_));
  }
}

}  // namespace ltp::feed
