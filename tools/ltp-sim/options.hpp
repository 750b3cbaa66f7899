#pragma once

#include "replay/pace.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::sim {

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  double rate_hz = 1;
  std::uint32_t seed = 1;
  std::string prices_file;
  bool loop = false;
  std::string capture_file;  // "-" is standard input
  replay::Speed speed;
  std::string client_id;   // empty: any
  std::string token_file;  // empty: any token
  std::string tls_cert_file, tls_key_file;
  bool control = false;
  std::vector<std::string> faults;  // each is a command
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::sim
