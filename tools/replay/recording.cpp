#include "replay/recording.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ltp::replay {

std::string name_of(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

UniqueFd open_recording(const std::string& path) {
  UniqueFd file(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                            : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file)
    throw StartError(Fault::kNoInput,
                     cat("cannot open ", name_of(path), " (", std::strerror(errno), ")"));
  struct stat about {};
  if (fstat(file.get(), &about) == 0 && S_ISDIR(about.st_mode))
    throw StartError(Fault::kNoInput, cat(name_of(path), " is a directory"));
  return file;
}

bool is_standard_output(int fd) {
  struct stat one {
  }, other{};
  return fstat(fd, &one) == 0 && S_ISREG(one.st_mode) && fstat(STDOUT_FILENO, &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace ltp::replay
