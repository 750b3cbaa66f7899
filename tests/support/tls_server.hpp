#pragma once

#include "support/certificates.hpp"
#include "support/child.hpp"

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

/// openssl(1) as a TLS server on a free port of 127.0.0.1. It turns each line round that it
/// is sent: "abc\n" is answered by "cba\n". Or, given a directory, it answers GET /NAME
/// with the bytes of the file NAME in it, which are a whole HTTP answer, and ends.
class TlsServer {
 public:
  /// `name` as in Certificates; `more` are options of openssl-s_server(1).
  explicit TlsServer(const std::string& name, const std::vector<std::string>& more = {},
                     const std::string& directory = "") {
    const auto& all = Certificates::get();
    std::vector<std::string> words{
        "openssl",     "s_server",    "-accept",
        "127.0.0.1:0", "-cert",       all.pem(name),
        "-key",        all.key(name), directory.empty() ? "-rev" : "-HTTP"};
    words.insert(words.end(), more.begin(), more.end());
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    child_.start(words, out[1], directory);
    close(out[1]);
    out_ = fdopen(out[0], "r");
    char line[256];
    unsigned port = 0;
    while (port == 0 && fgets(line, sizeof line, out_) != nullptr) {
      std::sscanf(line, "ACCEPT 127.0.0.1:%u", &port);
    }
    if (port == 0) throw std::runtime_error("openssl s_server does not start");
    port_ = static_cast<std::uint16_t>(port);
  }
  ~TlsServer() {
    child_.stop();
    std::fclose(out_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const { return port_; }
  void freeze() { child_.freeze(); }
  void thaw() { child_.thaw(); }

 private:
  Child child_;
  FILE* out_ = nullptr;
  std::uint16_t port_ = 0;
};
