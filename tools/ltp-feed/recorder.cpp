#include "recorder.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "replay/recording.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ltp::feed {
namespace {

using dhan::capture::Line;

const std::string kHeaderLine = cat(dhan::capture::kFirstLine, '\n');

[[noreturn]] void fail_to_open(const std::string& path, int error) {
  throw StartError(Fault::kIo, cat("cannot record to ", path, " (", std::strerror(error), ")"));
}

bool is_regular(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) != 0 || S_ISREG(about.st_mode);
}

std::string read_at(int fd, off_t from, std::size_t count, const std::string& path) {
  std::string bytes(count, '\0');
  const ssize_t got = pread(fd, bytes.data(), count, from);
  if (got < 0) fail_to_open(path, errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

/// Makes sure that a line may be added; what is there is changed only if a full disk or a
/// crash left half a header of it.
void prepare(int fd, const std::string& path) {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0)
    throw StartError(Fault::kIo, cat("cannot record to ", path, ": another program does"));
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size < 0) fail_to_open(path, errno);
  const auto begin = read_at(fd, 0, kHeaderLine.size() + 1, path);
  if (begin.size() < kHeaderLine.size() && kHeaderLine.starts_with(begin)) {
    if (ftruncate(fd, 0) != 0) fail_to_open(path, errno);
    return;
  }
  if (dhan::capture::Reader().read(begin.substr(0, begin.find('\n'))).kind != Line::Kind::kHeader)
    throw StartError(Fault::kBadInput,
                     cat(path, " holds something else than a capture; name another file"));
  if (read_at(fd, size - 1, 1, path) != "\n" && write(fd, "\n", 1) != 1) fail_to_open(path, errno);
}

UniqueFd open_capture(const std::string& path) {
  const bool regular = is_regular(path);
  // Without O_NONBLOCK a named pipe would hold us until somebody reads it.
  const int flags = regular ? O_RDWR | O_CREAT | O_APPEND : O_WRONLY | O_NONBLOCK;
  UniqueFd file(open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0666));
  if (!file) fail_to_open(path, errno);
  if (replay::is_standard_output(file.get()))
    throw StartError(Fault::kUsage, cat(path, " is where the lines go; record to another file"));
  if (regular) prepare(file.get(), path);
  return file;
}

}  // namespace

Recorder::Recorder(loop::Loop& loop, const std::string& path)
    : path_(path),
      file_(open_capture(path)),
      writer_(loop, file_.get(), {.on_drained = {}, .on_closed = [this](const std::string& error) {
                                    fail(error.empty() ? "its reader has gone" : error);
                                  }}) {
  writer_.write(kHeaderLine);
  writer_.flush();
}

Recorder::~Recorder() {
  if (const auto left = writer_.pending(); left > 0)
    cli::log::warn(cat("the last ", left, " bytes of the recording were not taken by ", path_));
}

void Recorder::keep(dhan::Bytes message, std::int64_t recv_us) {
  if (failed_) return;
  line_.clear();
  dhan::capture::append_message(line_, std::max<std::int64_t>(recv_us, 0), message);
  writer_.write_through(line_);
  if (writer_.pending() > kMaxPending) fail("its reader is too slow");
}

void Recorder::fail(const std::string& why) {
  if (std::exchange(failed_, true)) return;
  cli::log::error(cat("the recording to ", path_, " has ended (", why, "); the feed goes on"));
}

}  // namespace ltp::feed
