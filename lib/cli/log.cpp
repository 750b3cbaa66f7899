#include "cli/log.hpp"

#include "cli/log_setup.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace ltp::cli::log {
namespace {

std::shared_ptr<spdlog::logger>& logger() {
  static auto instance =
      std::make_shared<spdlog::logger>("ltp", std::make_shared<spdlog::sinks::stderr_sink_st>());
  return instance;
}

constexpr std::string_view kStartOfEmptyLine = "\r\x1b[K";
std::string footer;

void write_raw(std::string_view text) {
  // There is nobody to tell if the terminal has gone.
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) footer.clear();
}

void draw_footer() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  const std::size_t width = known ? size.ws_col - 1u : 79;
  write_raw(std::string(kStartOfEmptyLine).append(footer, 0, width));
}

// spdlog takes a string_view of its own for a plain text; no format is ever parsed.
void write(spdlog::level::level_enum level, std::string_view text) {
  if (!logger()->should_log(level)) return;
  if (!footer.empty()) write_raw(kStartOfEmptyLine);
  logger()->log(level, spdlog::string_view_t(text.data(), text.size()));
  if (!footer.empty()) draw_footer();
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

bool has_footer() {
  const char* terminal = std::getenv("TERM");
  return logger()->should_log(spdlog::level::info) && isatty(STDERR_FILENO) != 0 &&
         isatty(STDOUT_FILENO) == 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void set_footer(std::string_view text) {
  if (!has_footer() || footer == text) return;
  footer = text;
  draw_footer();
}

}  // namespace ltp::cli::log
