#pragma once

#include "support/certificates.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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
    if (pipe(out) != 0) throw std::runtime_error("pipe");
    launch(words, out[1], directory);
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
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    std::fclose(out_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const { return port_; }
  void freeze() { kill(pid_, SIGSTOP); }
  void thaw() { kill(pid_, SIGCONT); }

 private:
  void launch(std::vector<std::string>& words, int out, const std::string& directory) {
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves none behind
    if (getppid() != parent) _exit(1);
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(1);
    dup2(out, STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);  // it tells of each client
    execvp(argv[0], argv.data());
    _exit(127);
  }

  pid_t pid_ = -1;
  FILE* out_ = nullptr;
  std::uint16_t port_ = 0;
};
