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

std::function<void(std::uint64_t)> skipped(std::string_view is, std::string_view are) {
  return [is, are](std::uint64_t n) {
    cli::log::warn(cat("skipped ", counted(n, "line"), " that ", n == 1 ? is : are));
  };
}

}  // namespace

Pump::Pump(loop::Loop& loop, int in_fd, int out_fd, Filter& filter, Outbox& outbox, Events events)
    : filter_(filter),
      outbox_(outbox),
      events_(std::move(events)),
      start_timer_(loop, [this] { start_reading(); }),
      gate_timer_(loop,
                  [this] {
                    gate_.expire(steady_ms());
                    pass_on();
                  }),
      junk_(loop, Tally::When::kSummed, skipped("is not JSON", "are not JSON")),
      long_(loop, Tally::When::kSummed, skipped("is longer than 1 MiB", "are longer than 1 MiB")),
      writer_(loop, out_fd,
              {.on_drained =
                   [this] {
                     regulate();
                     events_.on_progress();
                   },
               .on_closed = [this](const std::string& error) { events_.on_output_closed(error); }}),
      reader_(
          loop, in_fd,
          {.on_lines = [this](std::string_view block, bool fragment) { on_lines(block, fragment); },
           .on_dry = [this] { outbox_.flush(); },
           .on_end = [this](const std::string& error) { events_.on_input_end(error); }}) {
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
  if (fragment) {
    if (block.ends_with('\n')) long_.add();
  } else {
    for (std::string_view rest = block; !rest.empty();) {
      const std::size_t size = std::min(rest.find('\n'), rest.size());
      show(rest.substr(0, size));
      rest.remove_prefix(std::min(size + 1, rest.size()));
    }
  }
  gate_.hold(block, outbox_.sent(), steady_ms());
  pass_on();
}

void Pump::show(std::string_view line) {
  const auto read = parser_.read_in_place(line);
  if (std::holds_alternative<line::Junk>(read)) {
    junk_.add();
  } else {
    filter_.take(read, line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, outbox_);
  }
}

void Pump::answered() {
  gate_.answered(outbox_.answered(), steady_ms());
  pass_on();
}

void Pump::pass_on() {
  if (const auto bytes = gate_.take(); !bytes.empty()) {
    writer_.write(bytes);
    writer_.flush();
  }
  watch_the_time();
  regulate();
}

void Pump::watch_the_time() {
  const auto due_ms = gate_.expires_ms();
  if (!due_ms || gate_timer_.running()) return;
  gate_timer_.start(loop::Ms{std::max<std::int64_t>(*due_ms - steady_ms(), 1)});
}

void Pump::regulate() {
  const bool pause =
      !started_ || stopped_ || gate_.held_bytes() > kMaxHeld || writer_.pending() > kMaxUnwritten;
  if (pause == paused_) return;
  paused_ = pause;
  if (pause) {
    reader_.pause();
  } else {
    reader_.resume();
  }
}

std::size_t Pump::unwritten() const noexcept {
  return writer_.closed() ? 0 : gate_.held_bytes() + writer_.pending();
}

}  // namespace ltp::filter
