#include "options.hpp"

#include "cli/run_tool.hpp"
#include "filter/options.hpp"

#include <CLI/CLI.hpp>

namespace ltp::serve {

void add_options(CLI::App& app, Options& options) {
  auto* from_stdin = app.add_flag("--stdin", options.from_stdin,
                                  "Read tick lines from standard input; no Redis is asked");
  filter::add_redis_option(app, options.redis)->excludes(from_stdin);
  cli::from_env(app.add_option("-p,--port", options.port,
                               "Listen on this port; 0 is any free one (default 3000)")
                    ->type_name("PORT"),
                {"PORT"});
  app.add_option("--bind", options.address,
                 "Listen on this numeric address (default 127.0.0.1, this machine only)")
      ->type_name("ADDRESS");
  auto* token = app.add_option("--token-file", options.token_file,
                               "Read the broker's access token from FILE, and again when it changes")
                    ->type_name("FILE");
  app.add_flag("--no-broker", options.no_broker,
               "Do not ask the broker for prices that Redis does not have")
      ->excludes(token);
}

}  // namespace ltp::serve
