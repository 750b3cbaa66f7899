#include "base/fault.hpp"
#include "base/text.hpp"
#include "quick.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using ltp::cat;
using ltp::cli::ExitCode;

void tell(std::string_view what) {
  const auto line = cat("ltp-get: ", what, "\n");
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // there is nobody to tell
}

/// The whole program lies beside this one: bin/ltp-get, libexec/ltp/ltp-get-whole.
std::string whole_program() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  std::string_view self(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return cat(self.substr(0, self.rfind('/') + 1), "../libexec/ltp/ltp-get-whole");
}

}  // namespace

/// Loading the libraries of the whole program takes longer than most answers.
int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto done = ltp::get::try_quick({argv + 1, static_cast<std::size_t>(argc - 1)});
    if (done) return static_cast<int>(*done);
  } catch (const ltp::StartError& error) {
    tell(error.what());
    return static_cast<int>(ltp::cli::exit_code(error.fault()));
  }
  const auto path = whole_program();
  ::execv(path.c_str(), argv);
  tell(cat("cannot run ", path, " (", std::strerror(errno), "); install it again"));
  return static_cast<int>(ExitCode::kBug);
}
