#include "server_world.hpp"

/// What ltp-sim needs of a server: to treat a client worse than any server would.

namespace {

/// A WebSocket client, and why its connection ended.
struct Victim {
  std::string heard;
  std::string end;
  bool closed = false;
  loop::Stream stream;

  explicit Victim(World& w)
      : stream(w.loop, {.on_open = [this] { stream.write(upgrade("/")); },
                        .on_data = [this](std::string_view data) { heard.append(data); },
                        .on_closed =
                            [this](const std::string& why) {
                              end = why;
                              closed = true;
                            },
                        .on_drained = {}}) {
    stream.open({.host = "127.0.0.1", .port = w.server.port(), .path = {}}, loop::Ms{5000});
    REQUIRE(run_until(w.loop, [&] { return heard.ends_with("\r\n\r\n"); }));
    REQUIRE(w.handler.peers.size() == 1);
    heard.clear();
  }
};

}  // namespace

TEST_CASE("a cut lets all arrive that was given, and no close frame", "[net][server]") {
  World w;
  Victim victim(w);
  auto& peer = *w.handler.peers[0];
  const std::string half = "\x82\x7e\xff\xff" + std::string(200'000, 'x');
  CHECK(peer.write_raw(half));
  peer.cut();
  CHECK_FALSE(peer.write_raw("more"));
  REQUIRE(run_until(w.loop, [&] { return victim.closed && w.handler.peers.empty(); }));
  CHECK((victim.heard == half));
  CHECK(w.handler.log.back() == "close 1006");
}

TEST_CASE("a reset is one, and at once", "[net][server]") {
  World w;
  Victim victim(w);
  w.handler.peers[0]->reset();
  REQUIRE(run_until(w.loop, [&] { return victim.closed && w.handler.peers.empty(); }));
  CHECK_THAT(victim.end, Catch::Contains("reset"));
  CHECK(victim.heard.empty());
}

TEST_CASE("who is not read is not answered either, until he is", "[net][server]") {
  World w;
  Victim victim(w);
  auto& peer = *w.handler.peers[0];
  peer.read(false);
  victim.stream.write(masked('\x89', "hello") + masked('\x81', "text"));
  peer.write_raw("\x82\x02ok");
  REQUIRE(run_until(w.loop, [&] { return victim.heard == "\x82\x02ok"; }));
  // Another client's whole request goes by meanwhile.
  auto other = w.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return other.heard.ends_with("hello"); }));
  CHECK(victim.heard == "\x82\x02ok");
  CHECK_FALSE(w.handler.has("text text"));
  peer.read(true);
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("text text"); }));
  REQUIRE(run_until(w.loop, [&] { return victim.heard == "\x82\x02ok\x8a\x05hello"; }));
}
