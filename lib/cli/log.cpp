#include "cli/log.hpp"

#include "cli/log_setup.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace ltp::cli::log {
namespace {

std::shared_ptr<spdlog::logger>& logger() {
  static auto instance =
      std::make_shared<spdlog::logger>("ltp", std::make_shared<spdlog::sinks::stderr_sink_st>());
  return instance;
}

// spdlog takes a string_view of its own for a plain text; no format is ever parsed.
void write(spdlog::level::level_enum level, std::string_view text) {
  logger()->log(level, spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace

void set_up(const std::string& tool, Verbosity verbosity) {
  logger() =
      std::make_shared<spdlog::logger>(tool, std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger()->set_pattern("%n: %v");
  logger()->flush_on(spdlog::level::debug);
  logger()->set_level(verbosity == Verbosity::kQuiet     ? spdlog::level::warn
                      : verbosity == Verbosity::kVerbose ? spdlog::level::debug
                                                         : spdlog::level::info);
}

void error(std::string_view text) {
  write(spdlog::level::err, text);
}
void warn(std::string_view text) {
  write(spdlog::level::warn, text);
}
void info(std::string_view text) {
  write(spdlog::level::info, text);
}
void debug(std::string_view text) {
  write(spdlog::level::debug, text);
}

}  // namespace ltp::cli::log
