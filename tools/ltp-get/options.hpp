#pragma once

#include "redis/address.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::get {

enum class Format { kAuto, kTable, kNdjson };

struct Options {
  std::vector<std::string> keys;
  Format format = Format::kAuto;  // table on a terminal, else NDJSON
  redis::Address redis;
};

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::get
