#include "redis_intake.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "tick/keys.hpp"

#include <string_view>
#include <utility>

namespace ltp::serve {

RedisIntake::RedisIntake(loop::Loop& loop, const redis::Address& address, Hub& hub, Intake& intake)
    : asking_("Redis", address.label()),
      hearing_("the subscription to Redis", address.label()),
      client_(loop, address, "ltp-serve",
              {[this] { asking_.up(); },
               [this](const std::string& reason, loop::Ms) { asking_.down(reason); },
               {}}),
      subscriber_(loop, address, "ltp-serve-sub", std::string(keys::kUpdatesChannel),
                  {[this] {
                     hearing_since_ms_ = wall_us() / 1000;
                     hearing_.up();
                   },
                   [&intake](std::string_view payload) { intake.line(payload, wall_us()); },
                   [&hub] { hub.flush(); },
                   [this](const std::string& reason, loop::Ms) {
                     hearing_since_ms_.reset();
                     hearing_.down(reason);
                   }}) {
  client_.start();
  subscriber_.start();
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
