#pragma once

#include "bench/fanout/crowd.hpp"
#include "bench/fanout/server.hpp"
#include "bench/programs.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

/// What the scenarios of fanout_bench share: who is measured in which words, and the table
/// that is printed.

using Ms = std::chrono::milliseconds;
using Clock = Crowd::Clock;

constexpr int kRounds = 5;
constexpr Ms kUp{30'000};
constexpr Ms kPatience{60'000};
constexpr const char* kIdentifier = R"("{\"channel\":\"DashboardChannel\"}")";

// ---- who is measured, and in which words

struct Dialect {
  std::string name;
  std::string path, subprotocol, greeting, up_when, prefix, suffix;
};
inline const Dialect kWs{"/ws", "/ws?keys=*", "", "", "", "", ""};
inline const Dialect kCable{
    "/cable",
    "/cable",
    "actioncable-v1-json",
    std::string(R"({"command":"subscribe","identifier":)") + kIdentifier + "}",
    "confirm_subscription",
    std::string(R"({"identifier":)") + kIdentifier + R"(,"message":)",
    "}"};

/// The same bytes, of which the reference needs no word.
inline const Dialect kCableFrames{"/cable", "/cable",      "",           kCable.greeting,
                                  "",       kCable.prefix, kCable.suffix};

/// ltp-serve; its lines come from standard input, or from the Redis that is named.
inline std::vector<std::string> serve(const std::string& redis_url = "") {
  std::vector<std::string> command{built_program("ltp-serve"),  "--no-broker", "--port", "0",
                                   "--max-clients-per-address", "100000"};
  if (redis_url.empty()) {
    command.push_back("--stdin");
  } else {
    command.insert(command.end(), {"--redis", redis_url});
  }
  return command;
}
inline std::vector<std::string> reference(const Dialect& dialect, bool each = false) {
  std::vector<std::string> command{built_program("fanout_reference")};
  if (each) command.push_back("--each");
  if (!dialect.prefix.empty()) command.insert(command.end(), {dialect.prefix, dialect.suffix});
  return command;
}

inline Crowd::How how(const ServerUnderLoad& server, const Dialect& dialect) {
  return {.port = server.port(),
          .path = [&dialect](std::size_t) { return dialect.path; },
          .subprotocol = dialect.subprotocol,
          .greeting = dialect.greeting,
          .up_when = dialect.up_when,
          .tail = dialect.suffix.size()};
}

// ---- figures

struct Row {
  std::string name;
  std::map<std::string, std::vector<double>> figures;

  void add(const std::string& figure, double value) { figures[figure].push_back(value); }
  double median(const std::string& figure) const {
    auto values = figures.at(figure);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
};

inline void print(const std::vector<Row>& rows, const std::vector<std::string>& columns) {
  for (const Row& row : rows) {
    std::printf("  %-34s", row.name.c_str());
    for (const auto& column : columns)
      if (row.figures.contains(column))
        std::printf("  %s %.6g", column.c_str(), row.median(column));
    std::printf("\n");
  }
}

inline void print_ratio(const Row& subject, const Row& reference, const std::string& figure) {
  std::printf("  %s: %.2f x %s\n", figure.c_str(),
              subject.median(figure) / reference.median(figure), reference.name.c_str());
}

inline double seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

inline void must(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "fanout_bench: %s\n", what);
  std::exit(1);
}
