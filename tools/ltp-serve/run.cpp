#include "run.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/secrets.hpp"
#include "fanout.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "broker.hpp"
#include "redis_intake.hpp"
#include "stdin_intake.hpp"
#include "web.hpp"

#include <sys/resource.h>

#include <csignal>
#include <functional>
#include <optional>

namespace ltp::serve {
namespace {

namespace log = cli::log;

constexpr std::size_t kMaxBody = std::size_t{128} << 10;  // a thousand keys have 30 KB
constexpr loop::Ms kDrain{1500};
constexpr loop::Ms kDrainLook{20};
constexpr loop::Ms kJunkTold{10'000};
constexpr loop::Ms kLook{250};  // whether the feed is still there

/// Thousands of browsers are thousands of descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string url_of(const Options& options, std::uint16_t port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return cat("http://", v6 ? "[" : "", options.address, v6 ? "]" : "", ":", port, "/");
}

}  // namespace

cli::ExitCode run(const Options& options) {
  cli::keep_memory_private();
  raise_descriptor_limit();
  loop::Loop loop;
  net::Context context(loop);
  Hub hub;
  Intake intake(hub);
  std::function<void()> keep_time;
  Fanout fanout(loop, hub, [&keep_time] {
    if (keep_time) keep_time();
  });
  MemorySource memory(hub, intake);

  std::optional<RedisIntake> redis;
  std::optional<RedisSource> redis_source;
  PricesSource* first = &memory;
  if (!options.from_stdin) {
    redis.emplace(loop, options.redis, hub, intake, fanout);
    first = &redis_source.emplace(*redis, memory);
  }
  const auto broker = make_broker(loop, options, redis ? &redis->client() : nullptr);
  BrokerSource source(*first, broker.quotes.get(), broker.why_none);

  const Limits limits;
  Web web(loop, hub, intake, source, limits);
  keep_time = [&web] { web.keep_time(); };
  net::Server server(context,
                     {.address = options.address,
                      .port = options.port,
                      .subprotocols = {std::string(actioncable::kExtendedSubprotocol),
                                       std::string(actioncable::kSubprotocol)},
                      .max_body = kMaxBody,
                      .headers = security_headers()},
                     web);
  log::info(cat("listening on ", url_of(options, server.port())));

  auto result = cli::ExitCode::kOk;
  bool ending = false;
  // Until the last client has gone, and no longer than kDrain.
  loop::Timer drain_over(loop, [&] { loop.stop(); });
  loop::Timer drained(loop, [&] {
    if (web.clients() == 0) loop.stop();
  });
  const auto end = [&] {
    if (ending) return loop.stop();
    ending = true;
    fanout.flush();
    server.stop_accepting();
    web.go_away();
    drain_over.start(kDrain);
    drained.start(loop::Ms{0}, kDrainLook);
  };
  loop::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { end(); });

  std::optional<StdinIntake> from_stdin;
  if (options.from_stdin)
    from_stdin.emplace(loop, fanout, intake, [&](const std::string& error) {
      if (!error.empty()) {
        log::error(cat("cannot read standard input: ", error));
        result = cli::ExitCode::kIo;
      } else {
        log::info("standard input ended");
      }
      end();
    });

  std::uint64_t told = 0;
  const auto tell_junk = [&] {
    const auto junk = intake.junk() + (from_stdin ? from_stdin->too_long() : 0);
    if (junk != told) log::warn(cat("skipped ", counted(junk - told, "line"), " that is not JSON"));
    told = junk;
  };
  loop::Timer junk_timer(loop, tell_junk);
  junk_timer.start(kJunkTold, kJunkTold);

  loop::Timer look(loop, [&] {
    intake.look(wall_us());
    fanout.dry();
  });
  look.start(kLook, kLook);

  loop.run();
  tell_junk();
  return result;
}

}  // namespace ltp::serve
