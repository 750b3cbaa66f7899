#include "feed.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "dhan/subscribe.hpp"

#include <algorithm>
#include <utility>

namespace ltp::feed {
namespace {

namespace log = cli::log;
using dhan::NextMove;
using loop::Ms;

constexpr Ms kBetweenOpenings{1000};
constexpr Ms kPulse{1000};
constexpr Ms kDeadAfter{38'000};  // with the pulse, 40 s at the latest
constexpr Ms kMostMute{15 * 60'000};
constexpr std::int64_t kSteadyAfter_ms = 60'000;
constexpr std::string_view kSimulator = "ltp-sim";

int year_of(std::int64_t utc_s) {
  return std::stoi(ist(utc_s).substr(0, 4));
}

std::size_t connections_needed(std::size_t instruments) {
  return (instruments + dhan::kMaxPerConnection - 1) / dhan::kMaxPerConnection;
}

std::string seconds(Ms time) {
  return cat((time.count() + 999) / 1000, " s");
}

}  // namespace

Feed::Feed(net::Context& context, Settings settings, WatchList watch,
           account::CredentialSource& credentials, Output& output, OnEnd on_end)
    : context_(context),
      settings_(std::move(settings)),
      watch_(std::move(watch)),
      credentials_(credentials),
      output_(output),
      on_end_(std::move(on_end)),
      intake_(output),
      opener_(context.loop(), [this] { open_next(); }),
      pulse_(context.loop(), [this] { check_pulse(); }),
      status_(output, settings_.tell_status) {
  intake_.watch(watch_);
  intake_.stop_after(settings_.count);
  output_.on_pressure([this](bool high) {
    for (auto& connection : connections_) connection->pause(high);
  });
}

void Feed::start() {
  tell_open_markets(wall_us() / 1'000'000);
  pulse_.start(kPulse, kPulse);
  spread(watch_.instruments());
}

void Feed::stop() {
  if (std::exchange(stopped_, true)) return;
  pulse_.stop();
  opener_.stop();
  for (auto& connection : connections_) connection->close();
  status_.blame("stopped", {});
  show_state();
  tell_odd_things();
}

void Feed::end(cli::ExitCode status, const std::string& text) {
  if (stopped_) return;
  stop();
  on_end_(status, text);
}

// ---- Connections

/// Gives instruments that nobody carries yet to connections, as evenly as it goes, and
/// opens more connections if they are needed.
void Feed::spread(const std::vector<Instrument>& fresh) {
  auto total = fresh.size();
  for (const auto& connection : connections_) total += connection->carried().size();
  while (connections_.size() < connections_needed(total)) connections_.push_back(make_connection());

  std::vector<std::vector<Instrument>> shares(connections_.size());
  for (const auto instrument : fresh) {
    const auto load = [&](std::size_t i) {
      return connections_[i]->carried().size() + shares[i].size();
    };
    std::size_t least = 0;
    for (std::size_t i = 1; i < shares.size(); ++i)
      if (load(i) < load(least)) least = i;
    shares[least].push_back(instrument);
  }
  const auto now = steady_ms();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    connections_[i]->add(shares[i]);
    if (connections_[i]->is_open())
      for (const auto instrument : shares[i]) awaited_.await(instrument, now);
  }
  open_next();
}

std::unique_ptr<Connection> Feed::make_connection() {
  return std::make_unique<Connection>(
      context_, settings_.endpoint, settings_.mode,
      Connection::Events{
          [this](Connection& connection, std::string_view server) { on_open(connection, server); },
          [this](Connection& connection, auto message, bool binary) {
            on_message(connection, message, binary);
          },
          [this](Connection& connection, const net::WsClosed& why) { on_closed(connection, why); },
          [this](Connection& connection) { try_open(connection); }});
}

/// Opens the first connection that is idle, and looks for the next one a little later.
void Feed::open_next() {
  if (stopped_ || refused_) return;
  const auto idle = std::find_if(
      connections_.begin(), connections_.end(),
      [](const auto& connection) { return connection->is_idle() && !connection->refused; });
  if (idle == connections_.end()) return;
  if (opener_.running()) return;  // one was opened a moment ago
  try_open(**idle);
  opener_.start(kBetweenOpenings);
}

void Feed::try_open(Connection& connection) {
  if (stopped_ || refused_) return;
  if (const auto wait = quiet_until_ms_ - steady_ms(); wait > 0)
    return connection.retry_in(Ms{wait});
  log::debug(cat("connecting to ", settings_.endpoint.label()));
  connection.token_number = token_number_;
  connection.open(credentials_.now());
}

void Feed::on_open(Connection& connection, std::string_view server) {
  const bool simulated = server.starts_with(kSimulator);
  intake_.set_source(simulated ? Source::kSimulator : Source::kWebsocket);
  const auto now = steady_ms();
  connection.opened_ms = now;
  if (connection.mute_after == Ms{0}) connection.mute_after = settings_.mute_after;
  connection.told.clear();
  for (const auto instrument : connection.carried())
    if (!intake_.has_ticked(instrument)) awaited_.await(instrument, now);
  log::info(cat("connected to ", settings_.endpoint.label(), simulated ? " (a simulator)" : "",
                "; ", counted(connection.carried().size(), "instrument"), " in ",
                to_text(settings_.mode), " mode"));
  if (output_.under_pressure()) connection.pause(true);
  show_state();
}

void Feed::on_message(Connection& connection, std::span<const std::byte> message, bool binary) {
  const auto now_us = wall_us();  // the one clock read of every tick in the message
  if (binary && settings_.recorder != nullptr) settings_.recorder->keep(message, now_us);
  if (connection.interruption && binary && !message.empty()) write_gap(connection, now_us);
  const auto heard = intake_.on_message(message, binary, now_us);
  output_.flush();
  connection.last_message_us = now_us;
  if (heard.ticks > 0) {
    last_tick_ms_ = connection.last_tick_ms = steady_ms();
    connection.mute_after = settings_.mute_after;
    if (std::exchange(connection.mute, false)) show_state();
  }
  if (heard.market_status) status_.write(status(heard.market_status));
  if (settings_.count > 0 && intake_.ticks() >= settings_.count) return end(cli::ExitCode::kOk, {});
  if (heard.goodbye) on_goodbye(connection, *heard.goodbye);
}

void Feed::on_goodbye(Connection& connection, const Intake::Goodbye& goodbye) {
  connection.abandon();
  Cause cause{dhan::next_move(goodbye.reason), dhan::describe(goodbye.reason), goodbye.reason};
  // Named a second time, leaving it out has not helped: that needs a person.
  const bool first_time = goodbye.culprit && std::find(left_out_.begin(), left_out_.end(),
                                                       *goodbye.culprit) == left_out_.end();
  if (cause.move == NextMove::kBadRequest && first_time) {
    log::error(cat("the broker refuses ", to_text(*goodbye.culprit), ": ", cause.reason,
                   "; it is left out until the lists are read again (SIGHUP)"));
    connection.remove({*goodbye.culprit});
    left_out_.push_back(*goodbye.culprit);
    awaited_.forget(*goodbye.culprit);
    if (!connection.carried().empty()) cause.move = NextMove::kRetry;
  }
  go_down(connection, cause);
}

void Feed::on_closed(Connection& connection, const net::WsClosed& why) {
  const auto move = why.kind == net::WsClosed::Kind::kHttp ? dhan::next_move_http(why.http_status)
                                                           : NextMove::kRetry;
  go_down(connection, {move, why.text, std::nullopt});
}

/// The connection is gone: says so, and sees to it that it comes back when it may.
void Feed::go_down(Connection& connection, Cause cause) {
  const bool was_open = connection.opened_ms != 0;
  if (was_open) {
    if (steady_ms() - connection.opened_ms >= kSteadyAfter_ms && !connection.mute) {
      connection.backoff.reset();
      connection.cooldown.reset();
    }
    if (!connection.interruption && connection.last_message_us > 0)
      connection.interruption = {connection.last_message_us, cause.reason};
  }
  connection.opened_ms = 0;
  ++reconnects_;
  status_.blame(cause.reason, cause.code);

  // The word may be of a token that has been replaced since.
  if (cause.move == NextMove::kNewToken) {
    take_new_token();
    if (connection.token_number != token_number_) cause.move = NextMove::kRetry;
  }

  const auto broker = settings_.endpoint.label();
  const auto what = cat("the feed at ", broker, was_open ? " is gone (" : " cannot be reached (",
                        cause.reason, ")");
  const bool later = cause.move == NextMove::kRetry || cause.move == NextMove::kCooldown;
  if (settings_.once) {
    show_state();
    return later ? end(cause.move == NextMove::kCooldown ? cli::ExitCode::kTryLater
                                                         : cli::ExitCode::kUnavailable,
                       what)
                 : end(cli::ExitCode::kRefused,
                       cat("the feed at ", broker, " refused us: ", cause.reason));
  }
  if (!later) {
    refuse(connection, cause);
  } else {
    const bool cooldown = cause.move == NextMove::kCooldown;
    const auto wait = cooldown ? connection.cooldown.next() : connection.backoff.next();
    if (cooldown) quiet_until_ms_ = std::max(quiet_until_ms_, steady_ms() + wait.count());
    if (cause.reason != std::exchange(connection.told, cause.reason))
      log::warn(cat(what, "; trying again in ", seconds(wait),
                    cooldown ? "; is another program using this client id, or has the data plan "
                               "run out?"
                             : ""));
    if (!refused_) connection.retry_in(wait);
  }
  show_state();
}

void Feed::refuse(Connection& refused, const Cause& cause) {
  if (cause.move == NextMove::kBadRequest) {
    refused.refused = true;  // the others ask for something else
  } else {
    if (std::exchange(refused_, true)) return;  // the other connections' word is the same
    for (auto& connection : connections_)
      if (connection->is_waiting()) connection->abandon();
  }
  const auto& file = credentials_.file();
  const auto next = cause.move == NextMove::kNewToken
                        ? (file.empty() ? std::string("; start again with a new token, or use "
                                                      "--token-file, which is watched")
                                        : cat("; waiting for a new token in ", file))
                    : cause.move == NextMove::kFatal
                        ? std::string("; see to the account, then send SIGHUP")
                        : std::string("; mend the list of instruments, then send SIGHUP");
  log::error(cat("the feed at ", settings_.endpoint.label(), " refused us: ", cause.reason, next));
}

/// A refusal was of the old one: the next pulse opens what is idle.
void Feed::take_new_token() {
  if (!credentials_.refresh()) return;
  ++token_number_;
  refused_ = false;
  log::info(cat("took a new token from ", credentials_.file()));
}

void Feed::reload(WatchList watch, Sessions hours) {
  if (stopped_) return;
  settings_.hours = std::move(hours);
  std::vector<Instrument> fresh;
  std::vector<Instrument> gone;
  for (const auto instrument : watch.instruments())
    if (!watch_.contains(instrument)) fresh.push_back(instrument);
  for (const auto instrument : watch_.instruments())
    if (!watch.contains(instrument)) gone.push_back(instrument);
  for (const auto instrument : std::exchange(left_out_, {}))
    if (watch.contains(instrument)) fresh.push_back(instrument);
  watch_ = std::move(watch);
  intake_.watch(watch_);
  log::info(cat("read the lists again: ", fresh.size(), " more and ", gone.size(), " fewer, now ",
                counted(watch_.instruments().size(), "instrument")));

  for (const auto instrument : gone) awaited_.forget(instrument);
  for (auto& connection : connections_) connection->remove(gone);
  for (auto& connection : connections_) connection->refused = false;
  take_new_token();
  refused_ = false;
  close_empty(connections_needed(watch_.instruments().size()));
  spread(fresh);  // also to who carries nothing now: it need not be opened anew
  close_empty(0);
  show_state();
}

/// As long as there are more than so many connections.
void Feed::close_empty(std::size_t most) {
  std::erase_if(connections_, [&, left = connections_.size()](auto& connection) mutable {
    if (left <= most || !connection->carried().empty()) return false;
    connection->close();
    --left;
    return true;
  });
}

// ---- Watchdogs

void Feed::check_pulse() {
  const auto utc_s = wall_us() / 1'000'000;
  tell_open_markets(utc_s);
  take_new_token();
  for (auto& connection : connections_)
    if (connection->is_open()) check_silence(*connection, utc_s);
  if (stopped_) return;
  check_first_ticks(utc_s);
  if (stopped_) return;
  open_next();
  show_state();
  if (status_.due()) status_.write(status());
  if (steady_ms() - told_ms_ >= 60'000) tell_odd_things();
  tell_missing_calendar(utc_s);
}

void Feed::tell_open_markets(std::int64_t utc_s) {
  for (std::uint8_t code = 0; code <= static_cast<std::uint8_t>(Segment::kBseFno); ++code)
    if (const auto segment = segment_from_code(code))
      intake_.set_open(*segment, settings_.hours.opened_at(*segment, utc_s).has_value());
}

/// For how long one of its markets has been open; none: all are closed.
std::optional<std::int64_t> Feed::open_for_s(const Connection& connection,
                                             std::int64_t utc_s) const {
  std::optional<std::int64_t> longest;
  for (const auto segment : connection.segments())
    if (const auto since = settings_.hours.opened_at(segment, utc_s))
      longest = std::max(longest.value_or(0), utc_s - *since);
  return longest;
}

void Feed::check_silence(Connection& connection, std::int64_t utc_s) {
  if (output_.under_pressure()) return;  // the silence is ours
  if (connection.frame_age() >= kDeadAfter) {
    connection.abandon();
    return go_down(connection,
                   {NextMove::kRetry, cat("nothing came for ", seconds(kDeadAfter)), {}});
  }
  const auto open_s = open_for_s(connection, utc_s);
  if (!open_s) return;
  const auto heard_ms = std::max(connection.opened_ms, connection.last_tick_ms);
  const auto silent = std::min<std::int64_t>(steady_ms() - heard_ms, *open_s * 1000);
  if (silent < connection.mute_after.count()) return;
  connection.mute = true;
  const auto reason =
      cat("connected but mute: no tick for ", seconds(Ms{silent}), " in market hours");
  connection.mute_after =
      std::min(connection.mute_after * 2, std::max(kMostMute, settings_.mute_after));
  connection.abandon();
  go_down(connection, {NextMove::kRetry, reason, {}});
}

/// Names once what never ticked though its market is open.
void Feed::check_first_ticks(std::int64_t utc_s) {
  constexpr Ms kFirstTick{30'000};
  const auto wait = settings_.require_first_tick.value_or(kFirstTick);
  const auto late = awaited_.late(intake_, settings_.hours, wait, steady_ms(), utc_s);
  if (late.empty()) return;
  const auto text = cat("no tick in ", seconds(wait), " of open market from ", name_some(late),
                        "; is the id right, and is it traded?");
  if (settings_.require_first_tick) return end(cli::ExitCode::kIncomplete, text);
  log::warn(text);
}

void Feed::tell_odd_things() {
  told_ms_ = steady_ms();
  if (auto odd = intake_.odd_things(); odd != told_odd_) {
    log::warn(cat("odd things in the broker's messages so far: ", odd));
    told_odd_ = std::move(odd);
  }
  if (output_.merged() != told_merged_) {
    told_merged_ = output_.merged();
    log::warn(cat("the reader of standard output is slow; ticks replaced by newer ones so far: ",
                  told_merged_));
  }
}

void Feed::tell_missing_calendar(std::int64_t utc_s) {
  const int year = year_of(utc_s);
  if (year == std::exchange(told_year_, year) || settings_.hours.lists_holidays(year)) return;
  log::warn(cat("the market hours know no holidays of ", year,
                "; on one of them a silent feed is taken for a mute one; see ltp-hours(5)"));
}

// ---- Status

std::string_view Feed::state() const {
  const auto count = [&](auto&& is) {
    return std::count_if(connections_.begin(), connections_.end(), is);
  };
  const auto open = static_cast<std::size_t>(count([](const auto& c) { return c->is_open(); }));
  if (stopped_) return "disconnected";
  const bool all_refused =
      refused_ || count([](const auto& c) { return c->refused; }) == std::ssize(connections_);
  if (open == 0) return all_refused ? "refused" : "disconnected";
  if (open < connections_.size()) return "partial";
  if (count([](const auto& c) { return c->mute; }) > 0) return "mute";
  return "connected";
}

Feed::Figures Feed::figures() const {
  Figures figures{.state = state(),
                  .open = 0,
                  .wanted = connections_.size(),
                  .ticks = intake_.ticks(),
                  .merged = output_.merged(),
                  .reconnects = reconnects_,
                  .lag_ms = intake_.last_lag_ms(),
                  .tick_age_ms = {}};
  for (const auto& connection : connections_) figures.open += connection->is_open() ? 1 : 0;
  if (last_tick_ms_ > 0) figures.tick_age_ms = steady_ms() - last_tick_ms_;
  return figures;
}

/// The writer knows what went wrong last, and says it.
ndjson::FeedStatus Feed::status(std::optional<Segment> market) const {
  const auto now = figures();
  ndjson::FeedStatus status{.state = now.state,
                            .reason = {},
                            .code = {},
                            .market = market,
                            .source = intake_.source(),
                            .subscriptions = 0,
                            .instruments = watch_.instruments().size(),
                            .connections = now.open,
                            .connections_wanted = now.wanted,
                            .reconnects = reconnects_,
                            .last_frame_age_ms = {},
                            .last_tick_age_ms = now.tick_age_ms,
                            .now_us = wall_us()};
  for (const auto& connection : connections_) {
    if (!connection->is_open()) continue;
    status.subscriptions += connection->asked_for();
    status.last_frame_age_ms =
        std::max(status.last_frame_age_ms.value_or(0), connection->frame_age().count());
  }
  return status;
}

void Feed::write_gap(Connection& connection, std::int64_t now_us) {
  const auto interruption = std::move(*connection.interruption);
  connection.interruption.reset();
  status_.gap({.from_us = interruption.from_us,
               .to_us = now_us,
               .reason = interruption.reason,
               .source = intake_.source(),
               .instruments = connection.carried().size()});
}

}  // namespace ltp::feed
