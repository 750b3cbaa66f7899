#pragma once

#include "base/unique_fd.hpp"
#include "dhan/capture.hpp"
#include "loop/line_writer.hpp"
#include "loop/loop.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace ltp::feed {

/// Keeps each message of the broker as it came, in a file; ltp-capture(5).
///
/// File     What it holds already stays, and a new run goes behind it. A file that holds
///          something else is refused, and so is one that another program records to.
/// Crash    Each message is given to the system before it is read by anybody, so that one
///          which we cannot survive is in the file.
/// Trouble  A full disk, or a pipe whose reader lets more than kMaxPending wait, ends the
///          recording, not the feed: it is told once, and failed() from then on.
class Recorder {
 public:
  static constexpr std::size_t kMaxPending = std::size_t{16} << 20;

  /// Throws StartError(kIo), or kBadInput for a file that is no capture.
  Recorder(loop::Loop& loop, const std::string& path);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Precondition: no more than dhan::capture::kMaxMessage bytes.
  void keep(dhan::Bytes message, std::int64_t recv_us);

  bool failed() const noexcept { return failed_; }

 private:
  void fail(const std::string& why);

  std::string path_;
  UniqueFd file_;
  loop::LineWriter writer_;
  std::string line_;  // scratch, kept for its memory
  bool failed_ = false;
};

}  // namespace ltp::feed
