#include "replay.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "dhan/disconnect.hpp"
#include "replay/recording.hpp"
#include "tick/ndjson.hpp"

#include <algorithm>
#include <utility>

namespace ltp::feed {
namespace {

constexpr loop::Ms kStatusEvery{10'000};
constexpr std::string_view kConnected = "connected";
constexpr std::string_view kDisconnected = "disconnected";

/// Lines are given to the system in pieces of about this size: small enough to lie in the
/// processor's cache, large enough that the calls do not count.
constexpr std::size_t kPiece = 64 << 10;

/// How much longer the lines of a message are than the message, about.
constexpr std::size_t kGrowth = 9;

}  // namespace

Replay::Replay(loop::Loop& loop, Settings settings, const WatchList& watch, Output& output,
               OnEnd on_end)
    : settings_(std::move(settings)),
      watch_(watch),
      output_(output),
      on_end_(std::move(on_end)),
      intake_(output),
      name_(replay::name_of(settings_.file)),
      file_(replay::open_recording(settings_.file)),
      player_(loop, file_.get(), settings_.speed,
              {.on_message = [this](auto message, auto recv_us) { on_message(message, recv_us); },
               .on_line = [this](auto line, const auto& recorded) { on_line(line, recorded); },
               .on_dry = [this] { flush(); },
               .on_end = [this](const auto& trouble) { on_player_end(trouble); }}),
      pulse_(loop, [this] {
        write_status();
        flush();
      }) {
  if (replay::is_standard_output(file_.get()))
    throw StartError(Fault::kUsage, cat(name_, " is where the lines go; it would never end"));
  intake_.set_source(Source::kReplay);
  intake_.stop_after(settings_.count);

  if (!watch_.instruments().empty()) intake_.watch(watch_);
  output_.on_pressure([this](bool high) { high ? player_.pause() : player_.resume(); });
}

void Replay::on_message(dhan::Bytes message, std::int64_t recv_us) {
  const auto now_us = wall_us();
  last_message_us_ = now_us;
  if (state_ != kConnected) set_state(kConnected, {}, std::nullopt);
  const auto heard = intake_.on_message(message, true, now_us, recv_us);
  if (heard.ticks > 0) last_tick_us_ = now_us;
  ticks_ += heard.ticks;
  if (heard.market_status) write_status(heard.market_status);
  if (heard.goodbye)
    set_state(kDisconnected, dhan::describe(heard.goodbye->reason), heard.goodbye->reason);
  gathered(message.size() * kGrowth);
}

void Replay::on_line(std::string_view line, const line::RecordedLine& recorded) {
  if (!recorded.instrument && !settings_.tell_status) return;
  if (recorded.instrument && !is_wanted(*recorded.instrument)) return;
  line_.clear();
  ndjson::append_replayed(line_, line, recorded, wall_us());
  if (!line_.ends_with('\n')) line_.push_back('\n');
  if (recorded.instrument) {
    ++ticks_;
    output_.tick(*recorded.instrument, line_);
  } else {
    output_.status(line_);
  }
  gathered(line_.size());
}

bool Replay::is_wanted(Instrument instrument) const {
  return watch_.instruments().empty() || watch_.contains(instrument);
}

void Replay::gathered(std::size_t bytes) {
  gathered_ += bytes;
  if (gathered_ >= kPiece) flush();
  if (settings_.count > 0 && ticks_ >= settings_.count) {
    stop();
    on_end_(cli::ExitCode::kOk, {});
  }
}

void Replay::flush() {
  gathered_ = 0;
  output_.flush();
}

void Replay::on_player_end(const std::optional<replay::Player::Trouble>& trouble) {
  close("the recording has ended");
  if (trouble) return on_end_(cli::exit_code(trouble->fault), cat(name_, " ", trouble->text));
  if (player_.played() == 0) cli::log::warn(cat(name_, " holds nothing to replay"));
  on_end_(cli::ExitCode::kOk, {});
}

void Replay::stop() {
  player_.stop();
  close("stopped");
}

void Replay::close(std::string_view reason) {
  pulse_.stop();
  if (state_ == kConnected) set_state(kDisconnected, reason, std::nullopt);
  flush();
  if (const auto damaged = player_.damaged(); damaged > 0)
    cli::log::warn(cat(name_, ": ", counted(damaged, "damaged line"), " passed over"));
  if (const auto odd = intake_.odd_things(); !odd.empty())
    cli::log::info(cat("odd things in the recorded messages: ", odd));
}

void Replay::set_state(std::string_view state, std::string_view reason, std::optional<int> code) {
  state_ = state;
  reason_ = reason;
  code_ = code;
  write_status();
  if (settings_.tell_status) pulse_.start(kStatusEvery, kStatusEvery);
}

void Replay::write_status(std::optional<Segment> market) {
  if (!settings_.tell_status) return;
  const auto now_us = wall_us();
  const auto age_ms = [now_us](std::optional<std::int64_t> at_us) -> std::optional<std::int64_t> {
    if (!at_us) return std::nullopt;
    return std::max<std::int64_t>(0, now_us - *at_us) / 1000;
  };
  line_.clear();
  ndjson::append_status(line_, {.state = state_,
                                .reason = reason_,
                                .code = code_,
                                .market = market,
                                .source = Source::kReplay,
                                .subscriptions = watch_.instruments().size(),
                                .instruments = watch_.instruments().size(),
                                .connections = 0,
                                .connections_wanted = 0,
                                .reconnects = 0,
                                .last_frame_age_ms = age_ms(last_message_us_),
                                .last_tick_age_ms = age_ms(last_tick_us_),
                                .now_us = now_us});
  output_.status(line_);
}

}  // namespace ltp::feed
