#include "simulator.hpp"

#include "dhan/frame.hpp"
#include "dhan/subscribe.hpp"
#include "net/ws_client.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <vector>

using namespace ltp;
using namespace ltp::sim;

namespace {

struct World {
  explicit World(double rate) : rate_hz(rate) {}
  double rate_hz;
  loop::Loop loop;
  net::Context context{loop};
  Market market{1, {}, false};
  Simulator simulator{loop, market, {.rate_hz = rate_hz, .gate = {}, .control = true}};
  net::Server server{context, {.ping_after = loop::Ms{0}}, simulator};
};

/// One client of the feed and what it heard.
struct Client {
  std::vector<dhan::Packet> packets;
  std::optional<std::uint16_t> reason;
  bool open = false;
  bool closed = false;
  net::WsClient client;

  explicit Client(World& world, const std::string& id = "1")
      : client(world.context,
               {[this](std::string_view) { open = true; },
                [this](std::span<const std::byte> message, bool binary) {
                  CHECK(binary);
                  dhan::split(
                      message,
                      [this](const dhan::Packet& packet, std::size_t) {
                        packets.push_back(packet);
                        if (const auto* end = std::get_if<dhan::Disconnect>(&packet.body))
                          reason = end->reason;
                      },
                      [](const dhan::IssueAt& at) { FAIL(dhan::to_text(at.issue)); });
                },
                [this](const net::WsClosed&) { closed = true; }}) {
    client.open({.host = "127.0.0.1",
                 .port = world.server.port(),
                 .resource = "/?version=2&token=t&clientId=" + id + "&authType=2"},
                loop::Ms{5000});
    REQUIRE(run_until(world.loop, [this] { return open; }));
  }

  std::size_t count(dhan::Code code) const {
    return static_cast<std::size_t>(
        std::count_if(packets.begin(), packets.end(), [code](const dhan::Packet& packet) {
          return packet.header.code == static_cast<std::uint8_t>(code);
        }));
  }
};

std::vector<Instrument> range(std::uint32_t from, std::uint32_t count) {
  std::vector<Instrument> all;
  for (std::uint32_t id = from; id < from + count; ++id) all.push_back({Segment::kNseEq, id});
  return all;
}

}  // namespace

TEST_CASE("a subscription brings the previous close, a price at once, then trades",
          "[sim][session]") {
  struct Case { TickKind mode; dhan::Code code; std::size_t interest; };
  const auto c = GENERATE(values<Case>({{TickKind::kTicker, dhan::Code::kTicker, 0},
                                        {TickKind::kQuote, dhan::Code::kQuote, 1},
                                        {TickKind::kFull, dhan::Code::kFull, 0}}));
  World world(50);
  Client client(world);
  const std::vector<Instrument> one{{Segment::kNseFno, 49081}};
  client.client.send_text(dhan::request_text(dhan::Action::kSubscribe, c.mode, one));
  REQUIRE(run_until(world.loop, [&] { return client.count(c.code) >= 5; }));
  CHECK(client.count(dhan::Code::kMarketStatus) == 1);
  CHECK(client.count(dhan::Code::kPrevClose) == 1);
  CHECK(client.count(dhan::Code::kOpenInterest) >= c.interest);
  CHECK(client.packets[1].header.code == static_cast<std::uint8_t>(dhan::Code::kPrevClose));

  client.client.send_text(dhan::request_text(dhan::Action::kUnsubscribe, c.mode, one));
  client.client.send_text(dhan::request_text(dhan::Action::kDisconnect, c.mode, {}));
  REQUIRE(run_until(world.loop, [&] { return client.closed; }));
  CHECK_FALSE(client.reason);
}

TEST_CASE("the broker's limits end a connection with its reasons", "[sim][session]") {
  World world(1);  // 5,000 instruments at 50 Hz would be a load test
  SECTION("101 instruments in a message: 814") {
    Client client(world);
    std::string list;
    for (int i = 1; i <= 101; ++i)
      list += std::string(i > 1 ? "," : "") + R"({"ExchangeSegment":"NSE_EQ","SecurityId":")" +
              std::to_string(i) + R"("})";
    client.client.send_text(R"({"RequestCode":15,"InstrumentCount":101,"InstrumentList":[)" + list +
                            "]}");
    REQUIRE(run_until(world.loop, [&] { return client.closed; }));
    CHECK(client.reason == 814);
  }
  SECTION("5,001 instruments on a connection: 804, and 5,000 are fine") {
    Client client(world);
    for (auto& text : dhan::request_texts(dhan::Action::kSubscribe, TickKind::kTicker, range(1, 5000)))
      client.client.send_text(std::move(text));
    REQUIRE(run_until(world.loop, [&] { return client.count(dhan::Code::kPrevClose) == 5000; }));
    CHECK_FALSE(client.reason);
    client.client.send_text(
        dhan::request_text(dhan::Action::kSubscribe, TickKind::kTicker, range(5001, 1)));
    REQUIRE(run_until(world.loop, [&] { return client.closed; }));
    CHECK(client.reason == 804);
  }
  SECTION("a sixth connection of a client id: the oldest goes with 805") {
    std::vector<std::unique_ptr<Client>> five;
    for (int i = 0; i < 5; ++i) five.push_back(std::make_unique<Client>(world));
    Client other(world, "2");
    Client sixth(world);
    REQUIRE(run_until(world.loop, [&] { return five[0]->closed; }));
    CHECK(five[0]->reason == 805);
    for (int i = 1; i < 5; ++i) CHECK_FALSE(five[static_cast<std::size_t>(i)]->closed);
    CHECK_FALSE(other.closed);
    CHECK_FALSE(sixth.closed);
  }
}

TEST_CASE("a request that makes no sense does no harm", "[sim][session]") {
  World world(50);
  Client client(world);
  for (const auto* text : {"", "nonsense", "{}", R"({"RequestCode":19})",
                           R"({"RequestCode":15,"InstrumentCount":2,"InstrumentList":[]})"})
    client.client.send_text(text);
  client.client.send_text(
      dhan::request_text(dhan::Action::kSubscribe, TickKind::kTicker, range(2885, 1)));
  REQUIRE(run_until(world.loop, [&] { return client.count(dhan::Code::kTicker) >= 1; }));
  CHECK_FALSE(client.closed);
}
