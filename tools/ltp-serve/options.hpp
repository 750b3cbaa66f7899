#pragma once

#include "limits.hpp"
#include "net/server.hpp"
#include "redis/address.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::serve {

struct Options {
  bool from_stdin = false;
  redis::Address redis;
  std::string token_file;  // the broker's; or empty
  bool no_broker = false;  // nulls for prices that nobody has

  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string socket_path;  // listen there instead, if it is not empty
  unsigned workers = 1;     // processes on one port
  std::string tls_cert_file, tls_key_file;
  std::chrono::milliseconds drain{5000};

  // What SIGHUP reads anew, as the contents of the TLS files.
  std::vector<std::string> origins, cors;
  std::string client_secret_file;
  net::ServerLimits connections{.per_address = 1000};
  std::size_t max_message = std::size_t{16} << 10;
  Limits limits;
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::serve
