#pragma once

#include <set>
#include <string>

namespace ltp::sim {

/// Who is let in: by client id, by token, or everybody.
///
/// File    The token file is read at each question, so that a new token counts from the
///         moment it is there. While it cannot be read nobody is let in.
class Gate {
 public:
  struct Settings {
    std::string client_id;   // empty: any
    std::string token_file;  // empty: any token
  };
  /// Throws StartError(kNoInput) if the token file cannot be read.
  explicit Gate(Settings settings);

  /// `client_id` may be empty where a token alone is asked for.
  bool admits(const std::string& client_id, const std::string& token) const;

  /// Nobody is let in with it any more. False: too many have expired already.
  bool expire(const std::string& token);
  /// The token that the file holds at present, or "".
  std::string present_token() const;
  void heal() noexcept { expired_.clear(); }

 private:
  Settings settings_;
  std::set<std::string> expired_;
};

}  // namespace ltp::sim
