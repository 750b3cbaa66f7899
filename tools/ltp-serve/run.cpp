#include "run.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "broker.hpp"
#include "cli/log.hpp"
#include "cli/run_tool.hpp"
#include "cli/secrets.hpp"
#include "drain.hpp"
#include "fanout.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "notify.hpp"
#include "redis_intake.hpp"
#include "settings.hpp"
#include "stdin_intake.hpp"
#include "web.hpp"
#include "workers.hpp"

#include <sys/resource.h>

#include <csignal>
#include <functional>
#include <optional>

namespace ltp::serve {
namespace {

namespace log = cli::log;

constexpr std::size_t kMaxBody = std::size_t{128} << 10;  // a thousand keys have 30 KB
constexpr loop::Ms kJunkTold{10'000};
constexpr loop::Ms kLook{250};  // whether the feed is still there
constexpr unsigned kSocketMode = 0660;

/// Thousands of browsers are thousands of descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string url_of(const Options& options, const std::string& label) {
  if (label.starts_with("unix:")) return label;
  return cat(options.tls_cert_file.empty() ? "http://" : "https://", label, "/");
}

std::vector<loop::Listener> listeners_of(const Options& options) {
  if (auto inherited = loop::inherited_listeners(); !inherited.empty()) return inherited;
  std::vector<loop::Listener> listeners;
  if (!options.socket_path.empty()) {
    listeners.push_back(loop::listen_unix(options.socket_path, kSocketMode));
  } else {
    listeners.push_back(loop::listen_tcp(options.address, options.port, options.workers > 1));
  }
  return listeners;
}

/// Ticks come in, browsers get them: one process's worth of it.
class Process {
 public:
  explicit Process(const Options& options)
      : options_(options),
        settings_(make_settings(options)),
        context_(loop_),
        intake_(hub_),
        fanout_(loop_, hub_, [this] { web_->keep_time(); }),
        memory_(hub_, intake_),
        broker_source_(make_source()),
        server_(make_server()),
        drain_(loop_, *web_, server_, options.drain, [this] { loop_.stop(); }),
        signals_(loop_, {SIGTERM, SIGINT, SIGHUP},
                 [this](int signal) { signal == SIGHUP ? read_settings_again() : end(); }),
        junk_timer_(loop_, [this] { tell_junk(); }),
        look_(loop_, [this] {
          intake_.look(wall_us());
          fanout_.dry();
        }) {
    if (options.from_stdin)
      from_stdin_.emplace(loop_, fanout_, intake_,
                          [this](const std::string& error) { on_input_end(error); });
    junk_timer_.start(kJunkTold, kJunkTold);
    look_.start(kLook, kLook);
  }

  cli::ExitCode run() {
    if (options_.workers == 1)
      for (const auto& label : server_.labels())
        log::info(cat("listening on ", url_of(options_, label)));
    notify_supervisor("READY=1");
    loop_.run();
    tell_junk();
    return result_;
  }

 private:
  BrokerSource make_source() {
    PricesSource* first = &memory_;
    if (!options_.from_stdin) {
      redis_.emplace(loop_, options_.redis, hub_, intake_, fanout_);
      first = &redis_source_.emplace(*redis_, memory_);
    }
    broker_ = make_broker(loop_, options_, redis_ ? &redis_->client() : nullptr);
    return {*first, broker_.quotes.get(), broker_.why_none};
  }

  net::Server make_server() {
    web_.emplace(loop_, hub_, intake_, broker_source_, settings_.admission, settings_.limits);
    return {context_,
            {.limits = settings_.connections,
             .subprotocols = {std::string(actioncable::kExtendedSubprotocol),
                              std::string(actioncable::kSubprotocol)},
             .tls_cert_file = options_.tls_cert_file,
             .tls_key_file = options_.tls_key_file,
             .max_message = settings_.max_message,
             .max_body = kMaxBody,
             .headers = security_headers()},
            *web_,
            listeners_of(options_)};
  }

  /// Clients that are in stay in; what they have subscribed, too.
  void read_settings_again() {
    notify_supervisor("RELOADING=1");
    try {
      Options fresh;
      cli::read_settings_again([&](CLI::App& app) { add_options(app, fresh); });
      settings_ = make_settings(fresh);
      server_.set_limits(settings_.connections);
      server_.set_max_message(settings_.max_message);
      if (const auto renewed = server_.renew_certificate(); !renewed)
        throw StartError(Fault::kConfig, renewed.error());
      log::info("read the settings again");
    } catch (const StartError& error) {
      log::error(cat("kept the settings as they were: ", error.what()));
    }
    notify_supervisor("READY=1");
  }

  void end() {
    if (ending_) return loop_.stop();
    ending_ = true;
    notify_supervisor("STOPPING=1");
    fanout_.flush();
    server_.stop_accepting();
    drain_.start();
  }

  void on_input_end(const std::string& error) {
    if (error.empty()) {
      log::info("standard input ended");
    } else {
      log::error(cat("cannot read standard input: ", error));
      result_ = cli::ExitCode::kIo;
    }
    end();
  }

  void tell_junk() {
    const auto junk = intake_.junk() + (from_stdin_ ? from_stdin_->too_long() : 0);
    if (junk != told_)
      log::warn(cat("skipped ", counted(junk - told_, "line"), " that is not JSON"));
    told_ = junk;
    const auto late = hub_.late();
    if (late != told_late_)
      log::debug(cat("dropped ", counted(late - told_late_, "line"),
                     " that came twice or after a newer one"));
    told_late_ = late;
  }

  const Options& options_;
  Settings settings_;
  loop::Loop loop_;
  net::Context context_;
  Hub hub_;
  Intake intake_;
  std::optional<Web> web_;
  Fanout fanout_;
  MemorySource memory_;
  std::optional<RedisIntake> redis_;
  std::optional<RedisSource> redis_source_;
  Broker broker_;
  BrokerSource broker_source_;
  net::Server server_;
  Drain drain_;
  loop::Signals signals_;
  loop::Timer junk_timer_;
  loop::Timer look_;
  std::optional<StdinIntake> from_stdin_;
  cli::ExitCode result_ = cli::ExitCode::kOk;
  bool ending_ = false;
  std::uint64_t told_ = 0;
  std::uint64_t told_late_ = 0;
};

}  // namespace

cli::ExitCode run(const Options& options) {
  cli::keep_memory_private();
  raise_descriptor_limit();
  if (options.workers == 1) return Process(options).run();

  // One port for all of them, also where any free one will do.
  Options shared = options;
  const auto port = loop::reserve_tcp(options.address, options.port);
  shared.port = loop::port_of(port);
  make_settings(shared);  // what is wrong with them is said once
  log::info(cat("listening on ", url_of(shared, loop::label_of(port)), " with ", options.workers,
                " processes"));
  const auto patience_s = static_cast<int>(options.drain.count() / 1000) + 8;
  return run_workers(options.workers, patience_s, [&shared] { return Process(shared).run(); });
}

}  // namespace ltp::serve
