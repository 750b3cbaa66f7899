#include "redis_intake.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "tick/keys.hpp"

#include <string_view>
#include <utility>

namespace ltp::serve {

namespace {

/// A Redis that hangs is noticed within a second: clients are to know by then.
redis::Limits hearing_limits() {
  redis::Limits limits;
  limits.silence = loop::Ms{450};
  return limits;
}

}  // namespace

RedisIntake::RedisIntake(loop::Loop& loop, const redis::Address& address, Hub& hub, Intake& intake,
                         Fanout& fanout)
    : intake_(intake),
      fanout_(fanout),
      asking_("Redis", address.label()),
      hearing_("the subscription to Redis", address.label()),
      client_(loop, address, "ltp-serve",
              {[this] { on_asking_up(); },
               [this](const std::string& reason, loop::Ms) { asking_.down(reason); },
               {}}),
      subscriber_(loop, address, "ltp-serve-sub", std::string(keys::kUpdatesChannel),
                  {[this] { on_hearing_up(); },
                   [this](std::string_view payload) { intake_.line(payload, wall_us()); },
                   [this] { fanout_.dry(); },
                   [this](const std::string& reason, loop::Ms) { on_hearing_down(reason); }},
                  hearing_limits()),
      fill_(client_, hub, [this](auto heartbeat_us) { on_filled(heartbeat_us); }) {
  intake_.liveness().link_starts();
  client_.start();
  subscriber_.start();
}

void RedisIntake::on_asking_up() {
  asking_.up();
  if (subscriber_.up() && !is_filled_) fill_.start();
}

/// What was published before is lost. From now on nothing is: time to read what lies there.
void RedisIntake::on_hearing_up() {
  hearing_since_ms_ = wall_us() / 1000;
  hearing_.up();
  intake_.liveness().link_filling();
  is_filled_ = false;
  if (client_.up()) fill_.start();
  tell();
}

void RedisIntake::on_hearing_down(const std::string& reason) {
  hearing_since_ms_.reset();
  hearing_.down(reason);
  fill_.stop();
  intake_.liveness().link_down(reason);
  tell();
}

void RedisIntake::on_filled(std::optional<std::int64_t> heartbeat_us) {
  is_filled_ = true;
  if (heartbeat_us) intake_.liveness().heard_heartbeat(*heartbeat_us);
  intake_.liveness().link_up();
  tell();
}

void RedisIntake::tell() {
  intake_.look(wall_us());
  fanout_.dry();
}

RedisIntake::Outage::Outage(std::string what, std::string label)
    : what_(std::move(what)), label_(std::move(label)) {}

void RedisIntake::Outage::down(const std::string& reason) {
  if (reason == told_) return;
  told_ = reason;
  cli::log::warn(
      cat(what_, " at ", label_, " is away (", reason, "); trying again until it is back"));
}

void RedisIntake::Outage::up() {
  if (!told_.empty()) cli::log::info(cat(what_, " at ", label_, " is back"));
  told_.clear();
}

}  // namespace ltp::serve
