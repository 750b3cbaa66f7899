#include "options.hpp"

#include "cli/run_tool.hpp"
#include "filter/options.hpp"

#include <CLI/CLI.hpp>

namespace ltp::serve {
namespace {

void add_admission(CLI::App& app, Options& options) {
  app.add_option("--allow-origin", options.origins,
                 "Let pages of this origin open WebSockets, such as https://*.example.com")
      ->type_name("ORIGIN");
  app.add_option("--cors", options.cors, "Let pages of this origin read answers of /api/")
      ->type_name("ORIGIN");
  app.add_option("--client-secret-file", options.client_secret_file,
                 "Let in only clients with a token that a secret in FILE has signed")
      ->type_name("FILE");
}

/// A number above 0.
template <class T>
void add_limit(CLI::App& app, const char* name, T& value, const char* description) {
  app.add_option(name, value, description)
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000).description(""));
}

void add_limits(CLI::App& app, Options& options) {
  auto& limits = options.limits;
  add_limit(app, "--max-clients", options.connections.connections,
            "At most N connections (default as many as descriptors are allowed)");
  add_limit(app, "--max-clients-per-address", options.connections.per_address,
            "At most N connections from one address (default 1000)");
  add_limit(app, "--max-message", options.max_message,
            "At most N bytes in a client's message (default 16384)");
  add_limit(app, "--max-commands", limits.commands_per_s,
            "At most N commands a second from a client (default 50)");
  add_limit(app, "--max-keys", limits.keys, "At most N keys in a subscription (default 1000)");
  add_limit(app, "--max-identifiers", limits.identifiers,
            "At most N subscriptions on an ActionCable connection (default 32)");
  app.add_option("--max-rate", limits.max_hz,
                 "At most HZ updates a second of an instrument to a client (default all)")
      ->type_name("HZ")
      ->check(CLI::Range(0.001, 1000.0).description(""));
  cli::add_duration(app, "--stall-timeout", limits.stall,
                    "Send away who takes nothing for TIME (default 30s)");
}

}  // namespace

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
  auto* socket = app.add_option("--socket", options.socket_path,
                                "Listen on this unix socket instead, for a proxy on this machine")
                     ->type_name("PATH");
  app.add_option("--workers", options.workers,
                 "Run N processes that share the port and its clients (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 64).description(""))
      ->excludes(from_stdin)
      ->excludes(socket);
  auto* cert = app.add_option("--tls-cert", options.tls_cert_file,
                              "Speak TLS with this certificate and its chain, PEM")
                   ->type_name("FILE");
  cert->needs(app.add_option("--tls-key", options.tls_key_file, "The key to --tls-cert, PEM")
                  ->type_name("FILE")
                  ->needs(cert));
  add_admission(app, options);
  add_limits(app, options);
  cli::add_duration(app, "--drain", options.drain,
                    "At the end, spread the farewells to clients over TIME (default 5s)");
  auto* token =
      app.add_option("--token-file", options.token_file,
                     "Read the broker's access token from FILE, and again when it changes")
          ->type_name("FILE");
  app.add_flag("--no-broker", options.no_broker,
               "Do not ask the broker for prices that Redis does not have")
      ->excludes(token);
}

}  // namespace ltp::serve
