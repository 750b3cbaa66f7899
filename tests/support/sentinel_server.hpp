#pragma once

#include "support/child.hpp"
#include "support/free_port.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

/// A private Redis Sentinel on a free port of 127.0.0.1, which watches the master "main"
/// with a quorum of 2 and loses patience soon.
class SentinelServer {
 public:
  explicit SentinelServer(std::uint16_t master_port, const std::string& more = {})
      : port_(free_port()) {
    std::ofstream file(dir_ / "sentinel.conf");
    file << "port " << port_ << "\nbind 127.0.0.1\ndir " << dir_ / ""
         << "\nlogfile " << dir_ / "log"
         << "\nsentinel monitor main 127.0.0.1 " << master_port << " 2\n"
         << "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
         << more << '\n';
    file.close();
    child_.start({"redis-server", dir_ / "sentinel.conf", "--sentinel"});
  }

  std::uint16_t port() const { return port_; }
  void stop() { child_.stop(); }
  void freeze() { child_.freeze(); }
  void thaw() { child_.thaw(); }

  std::string cli(const std::string& words) const {
    const auto command = "redis-cli -p " + std::to_string(port_) + " " + words + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    char some[4096];
    for (std::size_t got = 0; (got = fread(some, 1, sizeof some, pipe)) > 0;) out.append(some, got);
    pclose(pipe);
    if (out.ends_with('\n')) out.pop_back();
    return out;
  }

 private:
  TempDir dir_;
  std::uint16_t port_;
  Child child_;
};
