#include "options.hpp"

#include "command.hpp"
#include "replay/options.hpp"

#include <CLI/CLI.hpp>

namespace ltp::sim {
namespace {

/// Empty if the fault is one.
std::string fault_error(const std::string& text) {
  const auto command = parse_command(text);
  return command ? std::string{} : command.error().text;
}

}  // namespace

void add_options(CLI::App& app, Options& options) {
  app.add_option("-p,--port", options.port, "Listen on this port; 0 is any free one (default)")
      ->type_name("PORT");
  app.add_option("--bind", options.address, "Listen on this numeric address (default 127.0.0.1)")
      ->type_name("ADDRESS");
  app.add_option("--rate", options.rate_hz, "Ticks a second of each instrument (default 1)")
      ->type_name("HZ")
      ->check(CLI::Range(kLeastRate_hz, kMostRate_hz).description(""));
  app.add_option("--seed", options.seed, "Start the random walk from another number (default 1)")
      ->type_name("N");
  auto* prices = app.add_option("--prices", options.prices_file,
                                "Play the prices of FILE: minute bars or tick lines")
                     ->type_name("FILE");
  app.add_flag("--loop", options.loop, "Begin again at the end of the file")->needs(prices);
  auto* capture = app.add_option("--capture", options.capture_file,
                                 "Play the messages of FILE, a capture, instead of trading; - is "
                                 "standard input")
                      ->type_name("FILE")
                      ->excludes(prices);
  for (const char* of_trades : {"--rate", "--seed"}) capture->excludes(of_trades);
  replay::add_speed_option(app, capture, options.speed);
  app.add_option("--client-id", options.client_id, "Admit only this client id")->type_name("ID");
  app.add_option("--token-file", options.token_file, "Admit only the token in FILE")
      ->type_name("FILE");
  auto* certificate =
      app.add_option("--tls-cert", options.tls_cert_file, "Speak TLS with this certificate (PEM)")
          ->type_name("FILE");
  auto* key = app.add_option("--tls-key", options.tls_key_file, "The certificate's key (PEM)")
                  ->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  app.add_flag("--control", options.control, "Obey POST /control/..., which makes things go wrong");
  app.add_option("--fault", options.faults, "Begin with this going wrong, as POST /control/FAULT")
      ->type_name("FAULT")
      ->allow_extra_args(false)
      ->check(CLI::Validator(fault_error, ""));
}

}  // namespace ltp::sim
