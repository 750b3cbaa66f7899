#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

/// A directory of the test's own, gone with everything in it at the end. Its name is
/// short enough for a unix socket.
class TempDir {
 public:
  TempDir() {
    std::string name = "/tmp/ltp-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};
