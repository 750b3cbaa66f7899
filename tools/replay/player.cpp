#include "replay/player.hpp"

#include "base/text.hpp"
#include "cli/log.hpp"

#include <chrono>
#include <utility>

namespace ltp::replay {
namespace {

using dhan::capture::Line;

/// A wait of this length is told: it could be taken for a program that hangs.
constexpr std::chrono::seconds kLongWait{60};

/// With its newline, if it has one.
std::string_view first_line(std::string_view text) noexcept {
  const auto newline = text.find('\n');
  return newline == std::string_view::npos ? text : text.substr(0, newline + 1);
}

bool is_time(std::int64_t recv_us) noexcept {
  return recv_us >= 0 && recv_us <= dhan::capture::kMaxTime_us;
}

}  // namespace

Player::Player(loop::Loop& loop, int fd, Speed speed, Events events)
    : events_(std::move(events)),
      speed_(speed),
      pace_(speed),
      alarm_(loop, [this] { play(); }),
      reader_(loop, fd,
              {.on_lines = [this](auto block, bool fragment) { on_lines(block, fragment); },
               .on_dry = {},
               .on_end = [this](const std::string& error) { on_input_end(error); }}) {}

void Player::pause() {
  paused_ = true;
  alarm_.stop();
  reader_.pause();
}

void Player::resume() {
  if (!std::exchange(paused_, false) || ended_) return;
  alarm_.set(Pace::Moment{});  // from the loop: nothing is handed out in here
}

void Player::stop() {
  pause();
  ended_ = true;
}

void Player::on_lines(std::string_view block, bool fragment) {
  if (kind_ == Kind::kUnknown && !recognize(first_line(block))) return;
  rest_ = fragment ? join(block) : block;
  play();
}

bool Player::recognize(std::string_view line) {
  const auto kind = capture_.read(line).kind;
  if (kind == Line::Kind::kHeader) {
    kind_ = Kind::kCapture;
  } else if (kind == Line::Kind::kOtherVersion) {
    end(Trouble{Fault::kBadInput, cat("is a capture of another version, '", printable(trim(line)),
                                      "'; this program reads '", dhan::capture::kFirstLine, "'")});
  } else if (!events_.on_line) {
    end(Trouble{Fault::kBadInput, "is no capture"});
  } else if (line.starts_with('{')) {
    kind_ = Kind::kTickLines;
  } else {
    end(Trouble{Fault::kBadInput, "is neither a capture nor a file of tick lines"});
  }
  return !ended_;
}

/// A message of the broker may be longer as text than the reader's lines; a tick line may
/// not. Empty until the last piece has come.
std::string_view Player::join(std::string_view piece) {
  const bool last = piece.ends_with('\n');
  if (long_line_.ends_with('\n')) long_line_.clear();  // an earlier one, played by now
  too_long_ = too_long_ || kind_ == Kind::kTickLines ||
              long_line_.size() + piece.size() > dhan::capture::kMaxLine;
  if (too_long_) {
    long_line_.clear();
    if (last) {
      ++damaged_;
      too_long_ = false;
    }
    return {};
  }
  long_line_.append(piece);
  if (!last) return {};
  return long_line_;
}

void Player::on_input_end(const std::string& error) {
  if (ended_) return;
  if (too_long_ || (!long_line_.empty() && !long_line_.ends_with('\n'))) ++damaged_;
  if (error.empty()) return end(std::nullopt);
  end(Trouble{Fault::kIo, cat("cannot be read to its end (", error, ")")});
}

void Player::end(std::optional<Trouble> trouble) {
  stop();
  events_.on_end(trouble);
}

void Player::play() {
  while (!paused_) {
    if (!next_) next_ = take_next();
    if (!next_) {
      events_.on_dry();
      if (!paused_) reader_.resume();
      return;
    }
    if (!is_due(*next_)) return sleep_until_due(*next_);
    hand_out(*std::exchange(next_, std::nullopt));
  }
  reader_.pause();  // what it has read stays good
}

bool Player::is_due(const Next& next) {
  if (!speed_.waits || next.due <= now_) return true;
  now_ = std::chrono::steady_clock::now();
  return next.due <= now_;
}

void Player::sleep_until_due(Next& next) {
  events_.on_dry();
  if (paused_) return;
  reader_.pause();
  alarm_.set(next.due);
  const auto wait = std::chrono::floor<std::chrono::seconds>(next.due - now_);
  if (wait >= kLongWait && !std::exchange(next.told, true))
    cli::log::info(cat("the recording is silent now; it goes on in ", wait.count(), " s"));
}

void Player::hand_out(const Next& next) {
  ++played_;
  if (kind_ == Kind::kCapture) {
    events_.on_message(next.message, *next.recv_us);
  } else {
    events_.on_line(next.line, next.recorded);
  }
}

std::optional<Player::Next> Player::take_next() {
  while (!rest_.empty()) {
    const auto line = first_line(rest_);
    rest_.remove_prefix(line.size());
    auto next = kind_ == Kind::kCapture ? read_capture_line(line) : read_tick_line(line);
    if (!next) continue;
    if (speed_.waits && next->recv_us)
      next->due = pace_.due(*next->recv_us, std::chrono::steady_clock::now());
    return next;
  }
  return std::nullopt;
}

std::optional<Player::Next> Player::read_capture_line(std::string_view line) {
  const auto read = capture_.read(line);
  if (read.kind == Line::Kind::kMessage)
    return Next{.recv_us = read.recv_us, .message = read.message};
  if (read.kind != Line::Kind::kNote && read.kind != Line::Kind::kHeader) ++damaged_;
  return std::nullopt;
}

std::optional<Player::Next> Player::read_tick_line(std::string_view line) {
  if (trim(line).empty()) return std::nullopt;
  const auto recorded = lines_.read_recorded(line);
  if (!recorded) {
    ++damaged_;
    return std::nullopt;
  }
  const bool timed = recorded->recv_us && is_time(*recorded->recv_us);
  return Next{
      .recv_us = timed ? recorded->recv_us : std::nullopt, .line = line, .recorded = *recorded};
}

}  // namespace ltp::replay
