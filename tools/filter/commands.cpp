#include "filter/commands.hpp"

#include "base/text.hpp"
#include "tick/keys.hpp"

namespace ltp::filter {
namespace {

Parts parts_of(const Plan& plan) {
  Parts parts = 0;
  if (plan.store) parts |= kPrice;
  if (plan.store && plan.store->lines) parts |= kLine;
  if (plan.publish) parts |= kPublish;
  if (plan.publish && plan.publish->per_instrument) parts |= kPublishOwn;
  return parts;
}

}  // namespace

Commands::Commands(const Plan& plan)
    : store_(plan.store.value_or(Store{})),
      publish_(plan.publish.value_or(Publish{})),
      of_tick_(parts_of(plan)),
      ttl_(cat(store_.ttl_s)) {}

Parts Commands::worth_sending(Parts parts, std::int64_t age_ms) const noexcept {
  const bool late = age_ms > store_.ttl_s * 1000;
  return late ? parts & static_cast<Parts>(~kStored) : parts;
}

Command Commands::make(Parts part, const Board::Slot& slot) {
  name_.clear();
  switch (part) {
    case kPrice:
      keys::append_price_key(name_, *slot.instrument, store_.key_prefix);
      return set(ttl_, slot.price);
    case kLine:
      keys::append_line_key(name_, *slot.instrument, store_.key_prefix);
      return set(ttl_, slot.line);
    case kPublishOwn:
      keys::append_instrument_channel(name_, *slot.instrument, publish_.channel);
      words_ = {"PUBLISH", name_, slot.line};
      return {words_.data(), 3};
    default: return publish(slot.line);
  }
}

Command Commands::set(std::string_view life, std::string_view text) {
  words_ = {"SETEX", name_, life, text};
  return words_;
}

Command Commands::publish(std::string_view line) {
  words_ = {"PUBLISH", publish_.channel, line};
  return {words_.data(), 3};
}

Command Commands::heartbeat(std::int64_t now_s) {
  static const std::string life = cat(keys::kHeartbeatLife_s);
  name_ = keys::kHeartbeat;
  now_ = cat(now_s);
  return set(life, now_);
}

}  // namespace ltp::filter
