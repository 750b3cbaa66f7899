#include "account/credentials.hpp"

#include "base/fault.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "cli/log.hpp"
#include "cli/run_tool.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace ltp::account {
namespace {

constexpr std::size_t kLongest = 8 << 10;  // a JWT has some hundreds of bytes

struct Unreadable {
  Fault fault;
  std::string why;
};

/// Of what can stand in a header: a blank or a line end, as in a file of variables that was
/// written elsewhere, would never reach the broker.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

/// Of the first of the variables that is set; empty: none is.
std::string word_of(std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    auto text = cli::env({name});
    if (text.empty()) continue;
    if (is_word(text)) return text;
    throw StartError(Fault::kConfig,
                     cat(name, " is not one word; is there a blank or a line end in it?"));
  }
  return {};
}

/// The one word in a file. Never blocks: a FIFO in the place of the file is refused.
Result<std::string, Unreadable> read_word(const std::string& path) {
  const auto failed = [&] {
    return Unreadable{Fault::kNoInput, cat("cannot read ", path, " (", std::strerror(errno), ")")};
  };
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd || fstat(fd.get(), &info) != 0) return failed();
  if (!S_ISREG(info.st_mode)) return Unreadable{Fault::kNoInput, cat(path, " is no regular file")};
  std::array<char, kLongest + 1> buffer{};
  const auto size = read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) return failed();
  const auto word = trim({buffer.data(), static_cast<std::size_t>(size)});
  if (!is_word(word)) return Unreadable{Fault::kBadInput, cat(path, " does not hold one word")};
  return std::string(word);
}

std::string credential_path(const char* name) {
  const auto directory = cli::env({"CREDENTIALS_DIRECTORY"});
  if (directory.empty()) return {};
  auto path = cat(directory, "/", name);
  return access(path.c_str(), F_OK) == 0 ? path : std::string{};
}

std::string read_or_throw(const std::string& path) {
  auto word = read_word(path);
  if (!word) throw StartError(word.error().fault, word.error().why);
  return std::move(word).value();
}

void warn_if_open_to_others(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IROTH | S_IWOTH)) != 0)
    cli::log::warn(cat(path, " can be read or written by everybody; chmod 600 it"));
}

}  // namespace

CredentialSource::CredentialSource(std::string token_file) : file_(std::move(token_file)) {
  credentials_.client_id = word_of({"DHANHQ_CLIENT_ID", "CLIENT_ID", "DHAN_CLIENT_ID"});
  if (credentials_.client_id.empty())
    if (const auto path = credential_path("dhanhq_client_id"); !path.empty())
      credentials_.client_id = read_or_throw(path);
  if (credentials_.client_id.empty())
    throw NoCredentials("DHANHQ_CLIENT_ID is not set; export the client id");

  if (file_.empty()) {
    credentials_.token = word_of({"DHANHQ_ACCESS_TOKEN", "ACCESS_TOKEN", "DHAN_ACCESS_TOKEN"});
    if (!credentials_.token.empty()) return;
    file_ = credential_path("dhanhq_access_token");
  }
  if (file_.empty())
    throw NoCredentials(
        "DHANHQ_ACCESS_TOKEN is not set; export the access token, or give a file with "
        "--token-file");
  credentials_.token = read_or_throw(file_);
  warn_if_open_to_others(file_);
}

bool CredentialSource::refresh() {
  if (file_.empty()) return false;
  auto word = read_word(file_);
  if (!word) {
    if (word.error().why != told_)
      cli::log::warn(cat(word.error().why, "; the token read before stays in use"));
    told_ = word.error().why;
    return false;
  }
  told_.clear();
  if (word.value() == credentials_.token) return false;
  credentials_.token = std::move(word).value();
  return true;
}

}  // namespace ltp::account
