#pragma once

#include "loop/loop.hpp"
#include "net/server.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::sim {

/// The line to one client, and what is wrong with it. Frames by itself, so that a cut
/// can fall between any two bytes.
///
/// Bound   What waits is kMost bytes; a message that would make it more is dropped. Whoever
///         sends prices looks at free() and sends the latest when it is.
/// Pings   Those of a client are answered by the library: such an answer is no part of the
///         bytes that a cut counts. In the middle of a frame none is read.
class Wire {
 public:
  static constexpr std::size_t kMost = 32 << 20;
  struct Drip {
    std::size_t bytes;
    loop::Ms every;
  };

  Wire(loop::Loop& loop, net::WsPeer& peer);

  /// Whether a message would leave at once.
  bool free() const noexcept;
  void message(std::string_view payload, bool binary = true);
  /// Bytes that need not be a frame.
  void raw(std::string_view bytes);
  /// None while something waits: the client hears that the line lives, or it does not.
  void ping();
  /// A proper good-bye, behind all that waits.
  void close();
  /// The kernel takes again.
  void on_writable() { pump(); }

  /// Ends the stream behind this many bytes more, in the middle of whatever they are.
  void cut_after(std::size_t bytes, bool reset);
  void drip(std::optional<Drip> drip);
  /// Neither reads nor writes until it is called with false; nothing is lost.
  void stall(bool on);
  /// Neither reads nor writes any more, and what is sent is lost, as with a host that
  /// is gone. Only reset() ends that.
  void lose();
  bool lost() const noexcept { return lost_; }
  void reset();
  /// No cut, drip or stall any more; a lost line is reset.
  void heal();

  std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
  std::uint64_t messages_sent() const noexcept { return messages_sent_; }

 private:
  void pump();
  void write(std::size_t size);
  void discard();
  void cut();
  void choose_reading();
  std::string_view waiting() const noexcept { return std::string_view(queue_).substr(written_); }

  net::WsPeer& peer_;
  std::string queue_;
  std::size_t written_ = 0;  // of queue_
  std::optional<std::size_t> left_;
  bool cut_resets_ = false;
  std::optional<Drip> drip_;
  bool stalled_ = false;
  bool lost_ = false;
  bool reading_ = true;
  bool closing_ = false;  // when nothing waits any more
  bool ended_ = false;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t messages_sent_ = 0;
  loop::Timer drop_;  // lets the next piece of a drip fall
};

}  // namespace ltp::sim
