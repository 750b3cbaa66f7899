#pragma once

#include "base/unique_fd.hpp"
#include "support/certificates.hpp"
#include "support/child.hpp"
#include "support/free_port.hpp"
#include "support/temp_dir.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/// A private redis-server, on a unix socket in a directory of its own and on a free port
/// of 127.0.0.1. It answers when the constructor returns, and goes with this object; it
/// keeps nothing on disk unless told to.
class RedisServer {
 public:
  enum class Port { kPlain, kTls };  // with the certificate "good"; client ones are optional

  explicit RedisServer(std::vector<std::string> options = {}, Port kind = Port::kPlain)
      : options_(std::move(options)), kind_(kind) {
    start();
  }

  std::string socket_path() const { return dir_ / "redis.sock"; }
  std::string unix_url() const { return "unix://" + socket_path(); }
  std::uint16_t port() const { return port_; }
  std::string tcp_url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  std::string tls_url(const std::string& host = "localhost") const {
    return "rediss://" + host + ":" + std::to_string(port_) +
           "?ca=" + Certificates::get().pem("ca");
  }
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
  void stop() { child_.stop(); }
  /// Alive, connected and silent, until thaw().
  void freeze() { child_.freeze(); }
  void thaw() { child_.thaw(); }

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
  void launch(const std::vector<std::string>& more) {
    std::vector<std::string> words{"redis-server",
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
                                   "no",
                                   "--repl-diskless-sync-delay",
                                   "0"};
    const auto add = [&](const std::vector<std::string>& some) {
      words.insert(words.end(), some.begin(), some.end());
    };
    const auto port = std::to_string(port_);
    if (kind_ == Port::kPlain) {
      add({"--port", port});
    } else {
      const auto& all = Certificates::get();
      add({"--port", "0", "--tls-port", port, "--tls-cert-file", all.pem("good"), "--tls-key-file",
           all.key("good"), "--tls-ca-cert-file", all.pem("ca"), "--tls-auth-clients", "optional"});
    }
    add(options_);
    add(more);
    child_.start(words);
  }

  bool answers_in_time() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      if (answers()) return true;
      if (!child_.runs()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  /// Any answer will do: a refusal shows a server as well.
  bool answers() const {
    const ltp::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
    char byte = 0;
    return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
           send(fd.get(), "PING\r\n", 6, MSG_NOSIGNAL) == 6 && recv(fd.get(), &byte, 1, 0) == 1;
  }

  TempDir dir_;
  std::vector<std::string> options_;
  Port kind_;
  std::uint16_t port_ = 0;
  Child child_;
};
