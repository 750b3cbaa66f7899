#include "wire.hpp"

#include "net/frame.hpp"

#include <algorithm>
#include <utility>

namespace ltp::sim {

Wire::Wire(loop::Loop& loop, net::WsPeer& peer) : peer_(peer), drop_(loop, [this] { pump(); }) {}

bool Wire::free() const noexcept {
  return queue_.empty() && !stalled_ && !lost_ && !ended_ && !closing_ && !peer_.held();
}

void Wire::message(std::string_view payload, bool binary) {
  if (waiting().size() + payload.size() > kMost) return;
  const auto start = queue_.size();
  net::append_text_frame_head(queue_, payload.size());
  if (binary) queue_[start] = '\x82';
  queue_.append(payload);
  ++messages_sent_;
  pump();
}

void Wire::raw(std::string_view bytes) {
  queue_.append(bytes);
  pump();
}

void Wire::ping() {
  constexpr std::string_view kPing{"\x89\x01p", 3};  // the library tells of no empty pong
  if (free()) raw(kPing);
}

void Wire::close() {
  closing_ = true;
  pump();
}

void Wire::pump() {
  if (lost_ || ended_) discard();
  while (!stalled_ && !ended_ && !waiting().empty()) {
    if (peer_.held()) {
      peer_.want_writable();
      break;
    }
    if (!drip_) {
      write(waiting().size());
      continue;
    }
    if (reading_) {
      // The answer to a ping that has been read goes out before on_writable() comes.
      choose_reading();
      peer_.want_writable();
      break;
    }
    if (drop_.running()) break;
    write(drip_->bytes);
    drop_.start(drip_->every);
  }
  if (closing_ && !ended_ && !stalled_ && !lost_ && waiting().empty()) {
    ended_ = true;
    peer_.close(1000, "");
  }
  choose_reading();
}

/// Precondition: the peer holds nothing.
void Wire::write(std::size_t size) {
  size = std::min(size, waiting().size());
  if (left_) size = std::min(size, *left_);
  peer_.write_raw(waiting().substr(0, size));
  bytes_sent_ += size;
  written_ += size;
  if (waiting().empty()) discard();
  if (!left_) return;
  *left_ -= size;
  if (*left_ == 0) cut();
}

void Wire::discard() {
  queue_.clear();
  written_ = 0;
}

void Wire::cut_after(std::size_t bytes, bool reset) {
  if (ended_ || lost_) return;
  left_ = bytes;
  cut_resets_ = reset;
  if (bytes == 0) cut();
}

void Wire::cut() {
  ended_ = true;
  choose_reading();
  cut_resets_ ? peer_.reset() : peer_.cut();
}

void Wire::drip(std::optional<Drip> drip) {
  drip_ = drip;
  drop_.stop();
  pump();
}

void Wire::stall(bool on) {
  stalled_ = on;
  pump();
}

void Wire::lose() {
  if (ended_) return;
  lost_ = true;
  pump();
}

void Wire::reset() {
  if (std::exchange(ended_, true)) return;
  lost_ = false;
  choose_reading();
  peer_.reset();
}

void Wire::heal() {
  if (lost_) return reset();
  left_.reset();
  drip_.reset();
  drop_.stop();
  stalled_ = false;
  pump();
}

/// While a piece of a frame is out, the answer to a ping would fall into its middle: what
/// drips is not begun before reading has ended, and is done before it begins again.
void Wire::choose_reading() {
  const bool on = ended_ || !(stalled_ || lost_ || (drip_ && !waiting().empty()));
  if (on != reading_) peer_.read(reading_ = on);
}

}  // namespace ltp::sim
