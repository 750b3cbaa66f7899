#pragma once

#include "instruments/http_url.hpp"
#include "redis/address.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ltp::get {

enum class Format { kAuto, kTable, kNdjson, kJson, kCsv, kTsv };

/// Who may answer.
enum class Sources { kCacheThenBroker, kCache, kBroker };

struct Options {
  std::vector<std::string> instruments;  // "NSE_EQ:2885", "RELIANCE"; or "doctor"
  std::vector<std::string> files;        // of such; "-" is standard input
  std::string master;                    // the instrument master, or empty
  Format format = Format::kAuto;         // table on a terminal, else NDJSON
  bool price_only = false;
  redis::Address redis;
  std::optional<instruments::HttpUrl> url;  // an ltp-serve instead of Redis
  Sources sources = Sources::kCacheThenBroker;
  std::string token_file;                // or empty
  std::chrono::milliseconds max_age{0};  // 0: any
  std::chrono::milliseconds watch{0};    // 0: once
};

/// Whether it is the chain that is asked for, not prices.
bool is_doctor(const Options& options);

void add_options(CLI::App& app, Options& options);

}  // namespace ltp::get
