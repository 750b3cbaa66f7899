#pragma once

#include "redis/address.hpp"

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace ltp::serve {

struct Options {
  bool from_stdin = false;
  redis::Address redis;
  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string token_file;   // or empty
  bool no_broker = false;   // nulls for prices that nobody has
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::serve
