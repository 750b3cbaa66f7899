#pragma once

#include "support/temp_dir.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/// A private redis-server, on a unix socket in a directory of its own and on a free port
/// of 127.0.0.1. It answers when the constructor returns, and goes with this object; it
/// keeps nothing on disk unless told to.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
    start();
  }
  ~RedisServer() { stop(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::string socket_path() const { return dir_ / "redis.sock"; }
  std::string unix_url() const { return "unix://" + socket_path(); }
  std::uint16_t port() const { return port_; }
  std::string tcp_url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  std::string directory() const { return dir_ / ""; }

  /// Starts it again where it was, after stop(). `more` comes after the first options.
  void start(const std::vector<std::string>& more = {}) {
    for (int tries = 0; tries < 5; ++tries) {
      if (port_ == 0) port_ = free_port();
      launch(more);
      if (answers_in_time()) return;
      stop();
      port_ = 0;  // somebody else was given the port in between
    }
    throw std::runtime_error("redis-server does not start; see " + (dir_ / "log"));
  }
  /// At once, as a crash would.
  void stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// Alive, connected and silent, until thaw().
  void freeze() { kill(pid_, SIGSTOP); }
  void thaw() { kill(pid_, SIGCONT); }

  /// The answer of redis-cli, without its last newline: cli("GET price").
  std::string cli(const std::string& words) const {
    const std::string command = "redis-cli -s " + socket_path() + " " + words + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    char some[4096];
    for (std::size_t got = 0; (got = fread(some, 1, sizeof some, pipe)) > 0;) out.append(some, got);
    pclose(pipe);
    if (out.ends_with('\n')) out.pop_back();
    return out;
  }

 private:
  static std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    bind(fd, reinterpret_cast<sockaddr*>(&here), size);
    getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
    close(fd);
    return ntohs(here.sin_port);
  }

  void launch(const std::vector<std::string>& more) {
    std::vector<std::string> words{"redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--unixsocket",
                                   socket_path(),
                                   "--dir",
                                   directory(),
                                   "--logfile",
                                   dir_ / "log",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no"};
    words.insert(words.end(), options_.begin(), options_.end());
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves none behind
    if (getppid() != parent) _exit(1);
    execvp(argv[0], argv.data());
    _exit(127);
  }

  bool answers_in_time() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      if (answers()) return true;
      if (waitpid(pid_, nullptr, WNOHANG) != 0) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  /// Any answer will do: a refusal shows a server as well.
  bool answers() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
    char byte = 0;
    const bool answered = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                          send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 && recv(fd, &byte, 1, 0) == 1;
    close(fd);
    return answered;
  }

  TempDir dir_;
  std::vector<std::string> options_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};
