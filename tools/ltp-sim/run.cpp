#include "run.hpp"

#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "simulator.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

namespace ltp::sim {
namespace {

std::string read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!file || !std::getline(file, token))
    throw StartError(Fault::kNoInput,
                     cat("cannot read a token from ", path, " (", std::strerror(errno), ")"));
  return std::string(trim(token));
}

Admits make_admits(const Options& options) {
  const auto token = options.token_file.empty() ? std::string{} : read_token(options.token_file);
  return [token, wanted_id = options.client_id](const std::string& client_id,
                                                const std::string& given) {
    // The profile is asked for without a client id: the token tells whose it is.
    return (wanted_id.empty() || client_id.empty() || client_id == wanted_id) &&
           (token.empty() || given == token);
  };
}

}  // namespace

cli::ExitCode run(const Options& options) {
  Market market(
      options.seed,
      options.prices_file.empty() ? Recording{} : read_recording_file(options.prices_file),
      options.loop);
  loop::Loop loop;
  net::Context context(loop);
  Simulator simulator(loop, market, {.rate_hz = options.rate_hz, .admits = make_admits(options)});
  net::Server server(context,
                     {.address = options.address,
                      .port = options.port,
                      .server_header = "ltp-sim/" LTP_VERSION,
                      .tls_cert_file = options.tls_cert_file,
                      .tls_key_file = options.tls_key_file,
                      .ping_idle = false},
                     simulator);
  const bool v6 = options.address.find(':') != std::string::npos;
  cli::log::info(cat("listening on ", options.tls_cert_file.empty() ? "ws://" : "wss://",
                     v6 ? "[" : "", options.address, v6 ? "]" : "", ":", server.port()));
  loop::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { loop.stop(); });
  loop.run();
  return cli::ExitCode::kOk;
}

}  // namespace ltp::sim
