#include "instruments/local_file.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ltp::instruments {

FileText read_all(int fd, const std::string& name, std::size_t limit) {
  struct stat about {};
  const bool sized = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
  // One byte more than there is, so that the end is seen without growing.
  std::size_t room = sized ? static_cast<std::size_t>(about.st_size) + 1 : std::size_t{64} << 10;
  room = std::min(room, limit + 1);
  auto bytes = std::make_unique_for_overwrite<char[]>(room);
  std::size_t size = 0;
  for (;;) {
    if (size > limit)
      throw StartError(Fault::kBadInput, cat(name, " is longer than ", limit >> 20, " MiB"));
    if (size == room) {
      room = std::min(2 * room, limit + 1);
      auto larger = std::make_unique_for_overwrite<char[]>(room);
      std::memcpy(larger.get(), bytes.get(), size);
      bytes = std::move(larger);
    }
    const auto got = ::read(fd, bytes.get() + size, room - size);
    if (got == 0) return {std::move(bytes), size};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw StartError(Fault::kIo, cat("cannot read ", name, " (", std::strerror(errno), ")"));
    size += static_cast<std::size_t>(got);
  }
}

FileText read_file(const std::string& path, std::size_t limit) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    throw StartError(Fault::kNoInput, cat("cannot open ", path, " (", std::strerror(errno), ")"));
  struct stat about {};
  if (::fstat(file.get(), &about) == 0 && S_ISDIR(about.st_mode))
    throw StartError(Fault::kNoInput, cat("cannot read ", path, " (it is a folder)"));
  return read_all(file.get(), path, limit);
}

}  // namespace ltp::instruments
