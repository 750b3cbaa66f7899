#include "tape.hpp"

#include "base/text.hpp"
#include "cli/log.hpp"
#include "replay/recording.hpp"

#include <utility>

namespace ltp::sim {
namespace {

constexpr loop::Ms kTurn{10};

}  // namespace

Tape::Tape(loop::Loop& loop, const std::string& file, replay::Speed speed, Simulator& simulator,
           std::function<void(cli::ExitCode)> on_failed)
    : simulator_(simulator),
      speed_(speed),
      on_failed_(std::move(on_failed)),
      name_(replay::name_of(file)),
      file_(replay::open_recording(file)),
      player_(loop, file_.get(), speed,
              {.on_message = [this](auto message, auto) { on_message(message); },
               .on_line = {},
               .on_dry = [] {},
               .on_end = [this](const auto& trouble) { on_end(trouble); }}),
      turn_(loop, [this] { go_on(); }) {
  player_.hold();
  turn_.start(kTurn, kTurn);
}

void Tape::go_on() {
  if (begun_) {
    if (simulator_.is_free()) player_.resume();
  } else if (simulator_.is_wanted()) {
    begun_ = true;
    turn_.start(kSettle, kTurn);
  }
}

void Tape::on_message(dhan::Bytes message) {
  simulator_.relay(message);
  if (!speed_.waits && !simulator_.is_free()) player_.pause();
}

void Tape::on_end(const std::optional<replay::Player::Trouble>& trouble) {
  turn_.stop();
  if (const auto damaged = player_.damaged(); damaged > 0)
    cli::log::warn(cat(name_, ": ", counted(damaged, "damaged line"), " passed over"));
  if (!trouble)
    return cli::log::info(cat(name_, " has ended after ", counted(player_.played(), "message")));
  cli::log::error(cat(name_, " ", trouble->text));
  on_failed_(cli::exit_code(trouble->fault));
}

}  // namespace ltp::sim
