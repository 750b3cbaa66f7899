#pragma once

#include "loop/loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::loop {

/// Reads lines from a descriptor of any kind: pipe, socket, terminal, regular file,
/// /dev/null. The descriptor's own flags are left as they are (they may be shared
/// with other programs), and it is not closed.
///
/// Blocks  Lines come as one block of whole lines, as much as a read gave, each with
///         its newline; only the last line of the input may lack it. kSpare bytes
///         behind a block may be read, so that a parser needs no copy. A block is good
///         until the next callback, and so for as long as the reader is paused.
/// Long    A line of more than kMaxLine bytes comes in pieces, each marked `fragment`,
///         the last of them with the newline: pass them on, do not parse them.
/// Dry     on_dry comes when what could be read without waiting has been handed over:
///         the moment to flush. It comes once before on_end as well. A regular file is
///         never dry before its end: who gathers output must also flush by its size.
/// Fair    At most about 1 MiB is read per turn of the loop.
class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 1 << 20;
  static constexpr std::size_t kSpare = 64;

  struct Events {
    std::function<void(std::string_view block, bool fragment)> on_lines;
    std::function<void()> on_dry;
    /// The input ended (error empty) or broke ("Input/output error"). Comes once.
    std::function<void(std::string error)> on_end;
  };

  LineReader(Loop& loop, int fd, Events events);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Back-pressure: nothing is read, and no callback comes, until resume().
  /// Both may be called from the callbacks; pause() takes effect after the block.
  void pause();
  void resume();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop
