#include "filter/pump.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ltp::filter {
namespace {

static_assert(loop::LineReader::kSpare >= line::kPadding);

constexpr std::string_view kNotJson = "not JSON";
constexpr std::string_view kBrokenTick = "a tick without a usable key or price";
constexpr std::string_view kLong = "longer than 1 MiB";

std::function<void(std::uint64_t)> skipped(std::string_view what) {
  return [what](std::uint64_t n) {
    cli::log::warn(cat("skipped ", counted(n, "line"), n == 1 ? ": it is " : ", each ", what));
  };
}

}  // namespace

Pump::Pump(loop::Loop& loop, Ends ends, Filter& filter, Outbox& outbox, Events events)
    : strict_(ends.strict),
      max_held_(ends.merges ? kMuchHeld : kLittleHeld),
      filter_(filter),
      outbox_(outbox),
      events_(std::move(events)),
      start_timer_(loop, [this] { start_reading(); }),
      gate_timer_(loop,
                  [this] {
                    gate_.expire(steady_ms());
                    pass_on();
                  }),
      junk_(loop, Tally::When::kSummed, skipped(kNotJson)),
      broken_(loop, Tally::When::kSummed, skipped(kBrokenTick)),
      long_(loop, Tally::When::kSummed, skipped(kLong)),
      reader_(
          loop, ends.in_fd,
          {.on_lines = [this](std::string_view block, bool fragment) { on_lines(block, fragment); },
           .on_dry = [this] { outbox_.flush(); },
           .on_end =
               [this](const std::string& error) {
                 if (in_long_) count(Fault::kLong);
                 events_.on_input_end(error);
               }}) {
  if (ends.out_fd)
    writer_.emplace(loop, *ends.out_fd,
                    loop::LineWriter::Events{.on_drained =
                                                 [this] {
                                                   regulate();
                                                   events_.on_progress();
                                                 },
                                             .on_closed =
                                                 [this](const std::string& error) {
                                                   told_closed_ = true;
                                                   events_.on_output_closed(error);
                                                 }});
  reader_.pause();
  start_timer_.start(kPatience);
}

void Pump::start_reading() {
  start_timer_.stop();
  started_ = true;
  regulate();
}

void Pump::stop_reading() {
  stopped_ = true;
  regulate();
}

void Pump::on_lines(std::string_view block, bool fragment) {
  now_ms_ = steady_ms();
  if (fragment) {
    if (strict_) return give_up_at(Fault::kLong, block);
    in_long_ = !block.ends_with('\n');
    if (!in_long_) count(Fault::kLong);
  } else {
    outbox_.batch_begins(now_ms_);
    block = block.substr(0, show_lines(block));
    outbox_.batch_ends();
  }
  gate_.hold(block, outbox_.given(), now_ms_);
  pass_on();
}

/// How many bytes of the block may go on.
std::size_t Pump::show_lines(std::string_view block) {
  for (std::string_view rest = block; !rest.empty();) {
    const std::size_t size = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, size);
    ++lines_;
    if (const auto fault = show(line); fault != Fault::kNone) {
      if (strict_) {
        give_up_at(fault, line);
        return block.size() - rest.size();
      }
      count(fault);
    }
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return block.size();
}

Pump::Fault Pump::show(std::string_view line) {
  const auto read = parser_.read_in_place(line);
  if (std::holds_alternative<line::Junk>(read)) return Fault::kNotJson;
  filter_.take(read, line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, now_ms_);
  const auto* other = std::get_if<line::OtherLine>(&read);
  return other != nullptr && other->broken_tick ? Fault::kBrokenTick : Fault::kNone;
}

void Pump::count(Fault fault) {
  switch (fault) {
    case Fault::kNone: break;
    case Fault::kNotJson: junk_.add(); break;
    case Fault::kBrokenTick: broken_.add(); break;
    case Fault::kLong:
      ++lines_;
      long_.add();
      break;
  }
}

void Pump::give_up_at(Fault fault, std::string_view line) {
  stop_reading();
  const auto what = fault == Fault::kNotJson ? kNotJson
                    : fault == Fault::kLong  ? kLong
                                             : kBrokenTick;
  const auto number = fault == Fault::kLong ? lines_ + 1 : lines_;
  events_.on_bad_line(cat("line ", number, " is ", what, ": ", printable(line)));
}

void Pump::settled() {
  gate_.answered(outbox_.settled(), steady_ms());
  pass_on();
}

void Pump::pass_on() {
  if (const auto bytes = gate_.take(); !bytes.empty() && writer_) writer_->write_through(bytes);
  watch_the_time();
  regulate();
}

void Pump::watch_the_time() {
  const auto due_ms = gate_.expires_ms();
  if (!due_ms || gate_timer_.running()) return;
  gate_timer_.start(loop::Ms{std::max<std::int64_t>(*due_ms - steady_ms(), 1)});
}

void Pump::regulate() {
  const bool pause = !started_ || stopped_ || gate_.held_bytes() > max_held_ ||
                     (writer_ && writer_->pending() > kMaxUnwritten);
  if (pause == paused_) return;
  paused_ = pause;
  if (pause) {
    reader_.pause();
  } else {
    reader_.resume();
  }
}

std::size_t Pump::unwritten() const noexcept {
  if (!writer_) return 0;
  return writer_->closed() ? 0 : gate_.held_bytes() + writer_->pending();
}

}  // namespace ltp::filter
