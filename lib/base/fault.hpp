#pragma once

#include <stdexcept>
#include <string>

namespace ltp {

/// What kind of thing stops a program. lib/cli turns each into an exit status.
enum class Fault {
  kUsage,        // the command line is wrong
  kBadInput,     // a line, key or file that was given is wrong
  kNoInput,      // a file that was named is not there
  kUnavailable,  // Redis or the broker cannot be reached
  kBug,          // ours
  kIo,           // a local read, write, bind or the like failed
  kTryLater,     // a rate limit, or time ran out
  kProtocol,     // the peer speaks something else
  kRefused,      // token or plan refused
  kConfig,       // environment or configuration is wrong
};

/// A program cannot start, or cannot go on. The text is one whole sentence part for
/// a person, without the program's name and without a secret:
/// "DHANHQ_CLIENT_ID is not set; export it, or give --client-id".
class StartError : public std::runtime_error {
 public:
  StartError(Fault fault, const std::string& text) : std::runtime_error(text), fault_(fault) {}
  Fault fault() const noexcept { return fault_; }

 private:
  Fault fault_;
};

}  // namespace ltp
