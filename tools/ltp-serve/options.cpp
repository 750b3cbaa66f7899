#include "options.hpp"

#include "cli/run_tool.hpp"

#include <CLI/CLI.hpp>

namespace ltp::serve {

void add_options(CLI::App& app, Options& options) {
  auto* from_stdin = app.add_flag("--stdin", options.from_stdin,
                                  "Read tick lines from standard input; no Redis is asked");
  auto* redis = app.add_option("--redis", options.redis_url, "Where Redis is")
                    ->type_name("URL")
                    ->excludes(from_stdin)
                    ->check([](const std::string& url) {
                      const auto address = redis::parse_address(url);
                      return address ? std::string{} : address.error().text;
                    });
  cli::from_env(redis, {"REDIS_URL"});
  cli::from_env(app.add_option("-p,--port", options.port,
                               "Listen on this port; 0 is any free one (default 3000)")
                    ->type_name("PORT"),
                {"PORT"});
  app.add_option("--bind", options.address,
                 "Listen on this numeric address (default 127.0.0.1, this machine only)")
      ->type_name("ADDRESS");
}

}  // namespace ltp::serve
