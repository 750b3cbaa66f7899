#pragma once

#include "base/fault.hpp"
#include "dhan/endpoint.hpp"

#include <string>

namespace ltp::account {

/// Nobody has named any; for those who can do without.
class NoCredentials : public StartError {
 public:
  explicit NoCredentials(const std::string& text) : StartError(Fault::kConfig, text) {}
};

/// Where client id and token come from, and whether there is a newer token by now.
///
/// Token     The file of --token-file; else $DHANHQ_ACCESS_TOKEN and its other names; else
///           the systemd credential `dhanhq_access_token`. Client id: the environment,
///           else the credential `dhanhq_client_id`.
/// File      One line, blanks around it are ignored. It is looked at again, so that the
///           program that renews the token only has to write it (best by a rename).
/// Secret    Nothing of what is read appears in a message.
class CredentialSource {
 public:
  /// `token_file`: empty if none was given. Throws NoCredentials if one of the two is
  /// nowhere, StartError if it cannot be read or cannot be one.
  explicit CredentialSource(std::string token_file);

  const dhan::Credentials& now() const noexcept { return credentials_; }

  /// Reads the file again. True if it held another token, which is in now() then. A file
  /// that is missing, empty or odd changes nothing; why is told once.
  bool refresh();

  /// The file that is read again; empty: a new token needs a new start.
  const std::string& file() const noexcept { return file_; }

 private:
  std::string file_;
  dhan::Credentials credentials_;
  std::string told_;  // what was wrong with the file, last
};

}  // namespace ltp::account
