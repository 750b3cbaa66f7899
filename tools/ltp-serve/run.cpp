#include "run.hpp"

#include "actioncable.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "loop/line_reader.hpp"
#include "redis/client.hpp"
#include "redis/subscriber.hpp"
#include "tick/keys.hpp"
#include "web.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <optional>

namespace ltp::serve {
namespace {

namespace log = cli::log;

constexpr loop::Ms kDrain{1500};
constexpr loop::Ms kDrainLook{20};
constexpr loop::Ms kJunkTold{10'000};

/// Thousands of browsers are thousands of descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Tells that something is away when it goes and when it is back, not at every try.
class Outage {
 public:
  Outage(std::string what, std::string label) : what_(std::move(what)), label_(std::move(label)) {}
  void down(const std::string& reason) {
    if (reason == told_) return;
    told_ = reason;
    log::warn(cat(what_, " at ", label_, " is away (", reason, "); trying again until it is back"));
  }
  void up() {
    if (!told_.empty()) log::info(cat(what_, " at ", label_, " is back"));
    told_.clear();
  }

 private:
  std::string what_, label_, told_;
};

/// Ticks from standard input.
class StdinIntake {
 public:
  StdinIntake(loop::Loop& loop, Hub& hub, Intake& intake, std::function<void(std::string)> on_end)
      : hub_(hub),
        intake_(intake),
        reader_(loop, STDIN_FILENO,
                {[this](std::string_view block, bool fragment) { take(block, fragment); },
                 [this] { hub_.flush(); }, std::move(on_end)}) {}

  std::uint64_t too_long() const noexcept { return too_long_; }

 private:
  void take(std::string_view block, bool fragment) {
    if (fragment) {
      too_long_ += block.ends_with('\n');
      return;
    }
    const auto now_us = wall_us();
    while (!block.empty()) {
      const auto end = std::min(block.find('\n'), block.size() - 1) + 1;
      intake_.line(block.substr(0, end), now_us);
      block.remove_prefix(end);
    }
  }

  Hub& hub_;
  Intake& intake_;
  std::uint64_t too_long_ = 0;
  loop::LineReader reader_;
};

/// Ticks from the Redis channel, and a second connection for questions.
class RedisIntake {
 public:
  RedisIntake(loop::Loop& loop, const redis::Address& address, Hub& hub, Intake& intake)
      : asking_("Redis", address.label()),
        hearing_("the subscription to Redis", address.label()),
        client_(loop, address, "ltp-serve",
                {[this] { asking_.up(); },
                 [this](const std::string& reason, loop::Ms) { asking_.down(reason); },
                 {}}),
        subscriber_(loop, address, "ltp-serve-sub", std::string(keys::kUpdatesChannel),
                    {[this] { hearing_.up(); },
                     [&intake](std::string_view payload) { intake.line(payload, wall_us()); },
                     [&hub] { hub.flush(); },
                     [this](const std::string& reason, loop::Ms) { hearing_.down(reason); }}) {
    client_.start();
    subscriber_.start();
  }

  redis::Client& client() noexcept { return client_; }

 private:
  Outage asking_, hearing_;
  redis::Client client_;
  redis::Subscriber subscriber_;
};

std::string url_of(const Options& options, std::uint16_t port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return cat("http://", v6 ? "[" : "", options.address, v6 ? "]" : "", ":", port, "/");
}

}  // namespace

cli::ExitCode run(const Options& options) {
  raise_descriptor_limit();
  loop::Loop loop;
  net::Context context(loop);
  Hub hub;
  Intake intake(hub);
  MemorySource memory(hub, intake);

  std::optional<RedisIntake> redis;
  std::optional<RedisSource> redis_source;
  PricesSource* source = &memory;
  if (!options.from_stdin) {
    redis.emplace(loop, options.redis, hub, intake);
    source = &redis_source.emplace(redis->client(), memory);
  }

  Web web(loop, hub, intake, *source);
  net::Server server(context,
                     {.address = options.address,
                      .port = options.port,
                      .subprotocols = {std::string(actioncable::kSubprotocol)},
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
    server.stop_accepting();
    web.go_away();
    drain_over.start(kDrain);
    drained.start(loop::Ms{0}, kDrainLook);
  };
  loop::Signals signals(loop, {SIGTERM, SIGINT}, [&](int) { end(); });

  std::optional<StdinIntake> from_stdin;
  if (options.from_stdin)
    from_stdin.emplace(loop, hub, intake, [&](const std::string& error) {
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

  loop.run();
  tell_junk();
  return result;
}

}  // namespace ltp::serve
