#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ltp::instruments {

/// The contents of a file. Read, not mapped: a file that somebody cuts short while we look
/// at it must not end us with SIGBUS.
class FileText {
 public:
  FileText() = default;
  FileText(std::unique_ptr<char[]> bytes, std::size_t size)
      : bytes_(std::move(bytes)), size_(size) {}
  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Reads a file, or a pipe with a name, whole. StartError: kNoInput if it cannot be
/// opened, kIo if it cannot be read, kBadInput if it is longer than `limit` bytes.
FileText read_file(const std::string& path, std::size_t limit);
/// The same of an open descriptor; `name` is for messages.
FileText read_all(int fd, const std::string& name, std::size_t limit);

}  // namespace ltp::instruments
