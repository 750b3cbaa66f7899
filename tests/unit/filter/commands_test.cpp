#include "filter/commands.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace ltp;
using namespace ltp::filter;

namespace {

std::string words(Command command) {
  std::string text;
  for (const auto word : command) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

const Board::Slot kSlot{
    .instrument = Instrument{Segment::kNseEq, 2885}, .price = "1393.4", .line = "{…}"};

}  // namespace

TEST_CASE("a plan says what a tick is worth", "[filter]") {
  CHECK(Commands({.store = Store{}}).of_tick() == kPrice);
  CHECK(Commands({.store = Store{.lines = true}}).of_tick() == (kPrice | kLine));
  CHECK(Commands({.publish = Publish{}}).of_tick() == kPublish);
  CHECK(Commands({.store = Store{}, .publish = Publish{.per_instrument = true}}).of_tick() ==
        (kPrice | kPublish | kPublishOwn));
  CHECK(Commands({.store = Store{}}).of_status() == 0);
  CHECK(Commands({.publish = Publish{.per_instrument = true}}).of_status() == kPublish);
  CHECK_FALSE(Commands({.store = Store{}}).keeps_line());
  CHECK(Commands({.store = Store{.lines = true}}).keeps_line());
  CHECK(Commands({.publish = Publish{}}).keeps_line());
}

TEST_CASE("the words of each command", "[filter]") {
  Commands plain({.store = Store{}, .publish = Publish{}});
  CHECK(words(plain.make(kPrice, kSlot)) == "SETEX ltp:NSE_EQ:2885 30 1393.4");
  CHECK(words(plain.make(kLine, kSlot)) == "SETEX ltp_line:NSE_EQ:2885 30 {…}");
  CHECK(words(plain.make(kPublish, kSlot)) == "PUBLISH live_ltp_updates {…}");
  CHECK(words(plain.make(kPublishOwn, kSlot)) == "PUBLISH live_ltp_updates:NSE_EQ:2885 {…}");
  CHECK(words(plain.publish("{}")) == "PUBLISH live_ltp_updates {}");
  CHECK(words(plain.heartbeat(1767588318)) == "SETEX market_stream:heartbeat 60 1767588318");

  Commands own(
      {.store = Store{.key_prefix = "a:b", .ttl_s = 600}, .publish = Publish{.channel = "c"}});
  CHECK(words(own.make(kPrice, kSlot)) == "SETEX a:b:NSE_EQ:2885 600 1393.4");
  CHECK(words(own.make(kLine, kSlot)) == "SETEX a:b_line:NSE_EQ:2885 600 {…}");
  CHECK(words(own.make(kPublishOwn, kSlot)) == "PUBLISH c:NSE_EQ:2885 {…}");
  CHECK(words(own.heartbeat(1)) == "SETEX market_stream:heartbeat 60 1");
}

TEST_CASE("what is older than its life is published, not stored", "[filter]") {
  const Commands commands({.store = Store{.ttl_s = 30}, .publish = Publish{}});
  const Parts all = kPrice | kLine | kPublish | kPublishOwn;
  CHECK(commands.worth_sending(all, 30'000) == all);
  CHECK(commands.worth_sending(all, 30'001) == (kPublish | kPublishOwn));
  CHECK(commands.worth_sending(kPrice, 30'001) == 0);
}
