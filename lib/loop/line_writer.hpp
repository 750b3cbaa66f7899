#pragma once

#include "loop/loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::loop {

/// Writes bytes to a descriptor of any kind without ever blocking the loop, in order,
/// whole. The descriptor's own flags are left as they are where the system allows it
/// (a pipe or terminal is opened anew through /proc/self/fd; a socket is written with
/// MSG_DONTWAIT), and it is not closed.
///
/// Flush   write() only gathers; flush() gives what is gathered to the system. What the
///         system does not take at once is written as soon as it can be.
/// Events  Come from the loop, never from inside these. A reader that goes
///         is noticed also while nothing is written. SIGPIPE must be ignored (lib/cli
///         does that).
/// Bound   None of its own: the owner looks at pending() and decides what to drop or
///         whom to pause. That is policy, and belongs to the tool.
class LineWriter {
 public:
  struct Events {
    /// All that was flushed has been taken, after a time when it had not.
    std::function<void()> on_drained;
    /// The reader has gone (error empty) or the write failed ("No space left on
    /// device"). Comes once; later writes are thrown away.
    std::function<void(std::string error)> on_closed;
  };

  LineWriter(Loop& loop, int fd, Events events);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void write(std::string_view bytes);
  void flush();
  /// Both, without a copy of what the system takes at once.
  void write_through(std::string_view bytes);

  /// Bytes gathered or flushed that the system has not taken yet.
  std::size_t pending() const noexcept;
  /// True while the system refuses to take more; on_drained will follow.
  bool blocked() const noexcept;
  bool closed() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
