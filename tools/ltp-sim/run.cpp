#include "run.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "simulator.hpp"
#include "tape.hpp"

#include <csignal>
#include <optional>

namespace ltp::sim {
namespace {

void begin_with(Simulator& simulator, const std::vector<std::string>& faults) {
  for (const auto& text : faults) {
    const auto command = parse_command(text);
    const auto why_not = command ? simulator.obey(command.value()) : command.error().text;
    if (why_not) throw StartError(Fault::kUsage, cat("--fault ", *why_not));
  }
}

}  // namespace

cli::ExitCode run(const Options& options) {
  Market market(
      options.seed,
      options.prices_file.empty() ? Recording{} : read_recording_file(options.prices_file),
      options.loop);
  if (!options.capture_file.empty()) market.close();
  loop::Loop loop;
  net::Context context(loop);
  Simulator simulator(loop, market,
                      {.rate_hz = options.rate_hz,
                       .gate = {options.client_id, options.token_file},
                       .control = options.control});
  begin_with(simulator, options.faults);
  net::Server server(context,
                     {.address = options.address,
                      .port = options.port,
                      .server_header = "ltp-sim/" LTP_VERSION,
                      .tls_cert_file = options.tls_cert_file,
                      .tls_key_file = options.tls_key_file,
                      .ping_after = loop::Ms{0}},
                     simulator);
  const bool v6 = options.address.find(':') != std::string::npos;
  cli::log::info(cat("listening on ", options.tls_cert_file.empty() ? "ws://" : "wss://",
                     v6 ? "[" : "", options.address, v6 ? "]" : "", ":", server.port()));
  auto status = cli::ExitCode::kOk;
  std::optional<Tape> tape;
  if (!options.capture_file.empty())
    tape.emplace(loop, options.capture_file, options.speed, simulator, [&](cli::ExitCode failed) {
      status = failed;
      loop.stop();
    });
  loop::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { loop.stop(); });
  loop.run();
  return status;
}

}  // namespace ltp::sim
