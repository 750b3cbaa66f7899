#include "cli/run_tool.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/log_setup.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::cli {
namespace {

constexpr const char* kVersion = LTP_VERSION;

/// What from_env() has been told, for the run_tool() that is under way.
struct EnvBinding {
  CLI::Option* option;
  std::vector<const char*> names;
};
std::vector<EnvBinding>* bindings = nullptr;

/// What the run_tool() that is under way was started with.
struct Invocation {
  const About& about;
  int argc;
  char** argv;
};
const Invocation* invocation = nullptr;

/// The settings that every tool has.
struct Common {
  bool verbose = false;
  bool quiet = false;
  std::string config;
};

/// CLI11 opens its texts with the option's name: put where the value really stood.
std::string reason_without_option(const CLI::Error& error, const CLI::Option& option) {
  std::string_view text = error.what();
  const std::string prefix = option.get_name() + ": ";
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return std::string(text);
}

void give_value(CLI::Option& option, const std::vector<std::string>& values,
                const std::string& where) {
  try {
    for (const auto& value : values) option.add_result(value);
    option.run_callback();
  } catch (const CLI::Error& error) {
    throw StartError(Fault::kConfig, cat(where, ": ", reason_without_option(error, option)));
  }
}

// CLI11 can read both by itself, but would put the file above the environment and
// pass over a bad value in the environment in silence.
void apply_environment() {
  for (const auto& [option, names] : *bindings) {
    if (option->count() > 0) continue;
    for (const char* name : names) {
      const char* value = std::getenv(name);
      if (value == nullptr || *value == '\0') continue;
      give_value(*option, {value}, name);
      break;
    }
  }
}

bool is_typed(const CLI::Option* option) {
  return option->count() > 0;
}

/// Of a line that has no '=' the rest may be a secret.
std::string name_in(std::string_view text) {
  return printable(text.substr(0, text.find_first_of(" \t:")));
}

/// Without the user and password of URLs: what was typed in the wrong place is not to lie in
/// a log as well.
std::string without_secrets(std::string text) {
  constexpr std::string_view kMark = "://";
  for (std::size_t at = 0; (at = text.find(kMark, at)) != text.npos;) {
    at += kMark.size();
    const auto end = std::min(text.find_first_of(" \t", at), text.size());
    const auto sign = text.rfind('@', end);
    if (sign != text.npos && sign > at) text.replace(at, sign - at, "...");
  }
  return text;
}

/// A flag that is said not to be there.
bool is_off(const CLI::Option& option, const std::vector<std::string>& values) {
  return option.get_expected_min() == 0 && values.size() == 1 &&
         CLI::detail::to_flag_value(values.front()) <= 0;
}

/// Those that `option` cannot stand beside. CLI11 looks at that on the command line only.
std::vector<const CLI::Option*> rivals(const CLI::Option& option,
                                       const std::vector<const CLI::Option*>& among) {
  std::vector<const CLI::Option*> found;
  for (const auto* other : option.get_excludes())
    if (std::find(among.begin(), among.end(), other) != among.end()) found.push_back(other);
  return found;
}

void apply_config(CLI::App& app, const std::string& path,
                  const std::vector<const CLI::Option*>& typed) {
  std::ifstream file(path);
  if (!file || !std::filesystem::is_regular_file(path))
    throw StartError(Fault::kConfig, cat("cannot read the configuration file ", path));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigINI().from_config(file);
  } catch (const CLI::Error& error) {
    throw StartError(Fault::kConfig, cat(path, ": ", error.what()));
  }
  std::vector<const CLI::Option*> given;
  for (const auto& item : items) {
    auto* option = app.get_option_no_throw("--" + item.name);
    if (option == nullptr || !item.parents.empty() || !option->get_configurable())
      throw StartError(Fault::kConfig,
                       cat(path, ": there is no setting called ", name_in(item.fullname())));
    if (option->count() > 0 || !rivals(*option, typed).empty()) continue;
    if (const auto others = rivals(*option, given); !others.empty())
      throw StartError(Fault::kConfig,
                       cat(path, ": ", item.name, " excludes ", others.front()->get_single_name()));
    give_value(*option, item.inputs, cat(path, ": ", item.name));
    if (!is_off(*option, item.inputs)) given.push_back(option);
  }
}

/// Which options exclude or need which is said when it matters, not in every line of --help.
class ShortFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const auto& type = option->get_type_name();
    return cat(type.empty() ? "" : " ", type, option->get_expected_max() > 1 ? " ..." : "");
  }
};

}  // namespace

void from_env(CLI::Option* option, std::initializer_list<const char*> names) {
  bindings->push_back({option, names});
  std::string shown;
  for (const char* name : names) shown += (shown.empty() ? "" : ", ") + std::string(name);
  option->description(option->get_description() + " [" + shown + "]");
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& description) {
  return app
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            const auto parsed = parse_duration(text);
            if (!parsed || parsed->count() == 0)
              throw CLI::ValidationError(
                  name, cat("'", printable(text), "' is no time, such as 90s, 1.5m or 250ms"));
            value = *parsed;
          },
          description)
      ->type_name("TIME");
}

std::string env(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

namespace {

void add_all(CLI::App& app, const About& about, Common& common,
             const std::function<void(CLI::App&)>& add_options) {
  app.formatter(std::make_shared<ShortFormatter>());
  app.set_version_flag("-V,--version", cat(about.name, " ", kVersion))->configurable(false);
  app.set_help_flag("-h,--help", "Print this and exit")->configurable(false);
  add_options(app);
  app.add_flag("-v,--verbose", common.verbose, "Tell more: one message per connection or batch");
  app.add_flag("-q,--quiet", common.quiet, "Tell only what is wrong");
  app.add_option("--config", common.config, "Read settings from FILE, lines of 'option = value'")
      ->type_name("FILE")
      ->configurable(false);
}

void apply_others(CLI::App& app, const Common& common) {
  const auto typed = const_cast<const CLI::App&>(app).get_options(is_typed);
  apply_environment();
  if (!common.config.empty()) apply_config(app, common.config, typed);
}

}  // namespace

void read_settings_again(const std::function<void(CLI::App&)>& add_options) {
  std::vector<EnvBinding> own_bindings;
  bindings = &own_bindings;
  const auto& [about, argc, argv] = *invocation;
  Common common;
  CLI::App app{about.summary, about.name};
  add_all(app, about, common, add_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    throw StartError(Fault::kUsage, error.what());
  }
  apply_others(app, common);
}

/// A descriptor that was closed would be given to the next file or socket. What it was for
/// fails as before: the wrong end of /dev/null is open.
void fill_standard_descriptors() {
  for (const auto& [fd, flags] : {std::pair{0, O_WRONLY}, {1, O_RDONLY}, {2, O_WRONLY}})
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", flags));
}

int run_tool(const About& about, int argc, char** argv,
             const std::function<void(CLI::App&)>& add_options,
             const std::function<ExitCode()>& run) {
  fill_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  log::set_up(about.name, log::Verbosity::kNormal);

  std::vector<EnvBinding> own_bindings;
  bindings = &own_bindings;
  const Invocation ours{about, argc, argv};
  invocation = &ours;
  Common common;

  try {
    CLI::App app{about.summary, about.name};
    add_all(app, about, common, add_options);
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      std::cout << app.help() << std::flush;
      return static_cast<int>(std::cout ? ExitCode::kOk : ExitCode::kIo);
    } catch (const CLI::CallForVersion& version) {
      std::cout << version.what() << std::endl;
      return static_cast<int>(std::cout ? ExitCode::kOk : ExitCode::kIo);
    } catch (const CLI::ParseError& error) {
      log::error(cat(without_secrets(error.what()), "; see ", about.name, " --help"));
      return static_cast<int>(ExitCode::kUsage);
    }
    apply_others(app, common);
    if (common.verbose || common.quiet)
      log::set_up(about.name, common.verbose ? log::Verbosity::kVerbose : log::Verbosity::kQuiet);
    return static_cast<int>(run());
  } catch (const StartError& error) {
    log::error(error.what());
    return static_cast<int>(exit_code(error.fault()));
  } catch (const std::exception& error) {
    log::error(cat("this is a defect of ", about.name, ": ", error.what()));
    return static_cast<int>(ExitCode::kBug);
  }
}

}  // namespace ltp::cli
