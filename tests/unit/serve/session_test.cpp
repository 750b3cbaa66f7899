// Sessions over real sockets, with limits that a test can wait for.
#include "session.hpp"

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "loop/loop.hpp"
#include "net/context.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::serve;

namespace {

/// A server with nothing but sessions.
struct Rig : net::ServerHandler {
  loop::Loop loop;
  net::Context context{loop};
  Hub hub;
  Limits limits;
  KeptSessions kept;
  const Shared shared{hub, limits, kept};
  std::vector<Session*> sessions;
  int closed = 0;
  net::Server server{context, {.subprotocols = {"actioncable-v1-json"}}, *this};
  loop::Timer beats{loop, [this] {
                      for (auto* session : sessions) session->beat(1767588330);
                    }};

  void on_request(const net::Request&, net::Responder respond) override { respond.send({}); }
  net::UpgradeAnswer on_upgrade(const net::Request& request) override {
    return {.tag = static_cast<int>(request.path == "/cable" ? Dialect::kActionCable
                                                             : Dialect::kPlain)};
  }
  void on_open(net::WsPeer& peer, const net::Request& request) override {
    auto session = make_session(shared, peer, request);
    sessions.push_back(session.get());
    peer.owner = session.release();
  }
  void on_message(net::WsPeer& peer, std::string_view message, bool binary) override {
    static_cast<Session*>(peer.owner)->on_message(message, binary);
  }
  void on_writable(net::WsPeer& peer) override { static_cast<Session*>(peer.owner)->on_writable(); }
  void on_pong(net::WsPeer&) override {}
  void on_close(net::WsPeer& peer, int) override {
    const std::unique_ptr<Session> session{static_cast<Session*>(peer.owner)};
    std::erase(sessions, session.get());
    ++closed;
  }

  /// Runs the loop until `done`, for 5 s at most.
  template <class Done>
  bool run_until(Done done) {
    bool reached = false;
    loop::Timer look(loop, [&] {
      reached = done();
      if (reached) loop.stop();
    });
    look.start(loop::Ms{0}, loop::Ms{5});
    loop::Timer deadline(loop, [&] { loop.stop(); });
    deadline.start(loop::Ms{5000});
    loop.run();
    return reached;
  }
};

/// A client that reads when it is told to.
struct RawClient {
  UniqueFd fd;
  std::string got;

  RawClient(std::uint16_t port, const std::string& path) : fd(socket(AF_INET, SOCK_STREAM, 0)) {
    const int small = 4096;
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    REQUIRE(connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    const auto hello =
        "GET " + path +
        " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    REQUIRE(write(fd.get(), hello.data(), hello.size()) == static_cast<ssize_t>(hello.size()));
    fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  }
  /// False at the end of the stream.
  bool read_some() {
    char buffer[65536];
    ssize_t n = 0;
    while ((n = ::read(fd.get(), buffer, sizeof buffer)) > 0)
      got.append(buffer, static_cast<std::size_t>(n));
    return n != 0;
  }
  bool heard(std::string_view text) {
    read_some();
    return got.find(text) != std::string::npos;
  }
  /// One masked text frame, its mask zero.
  void say(const std::string& text) {
    REQUIRE(text.size() < 126);
    std::string frame{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    frame += text;
    REQUIRE(write(fd.get(), frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()));
  }
};

void feed(Hub& hub, int lines) {
  const std::string padding(500, '.');
  for (int i = 0; i < lines; ++i)
    hub.tick({{Segment::kNseEq, static_cast<std::uint32_t>(1 + i)}, "1", {}}, padding, 0);
  hub.flush();
}

}  // namespace

TEST_CASE("who takes nothing for the time allowed is closed, and only then", "[serve][session]") {
  Rig rig;
  rig.limits.stall =
      std::chrono::milliseconds{1000};  // a busy machine stalls everybody for a while
  rig.beats.start(loop::Ms{20}, loop::Ms{20});
  const auto* path = GENERATE("/ws?keys=*", "/cable");
  INFO(path);
  RawClient stalled(rig.server.port(), path);
  RawClient reading(rig.server.port(), path);
  REQUIRE(rig.run_until([&] { return rig.sessions.size() == 2; }));
  if (std::string_view(path) == "/cable") {
    const std::string subscribe =
        R"({"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"})";
    stalled.say(subscribe);
    reading.say(subscribe);
    REQUIRE(rig.run_until([&] { return reading.heard("confirm_subscription"); }));
    REQUIRE(rig.run_until([&] { return stalled.heard("confirm_subscription"); }));
  }
  const auto began_ms = steady_ms();
  feed(rig.hub, 20'000);  // 10 MB, far more than sockets hold
  REQUIRE(rig.run_until([&] {
    reading.read_some();
    return rig.closed == 1;
  }));
  CHECK(steady_ms() - began_ms >= 1000);
  CHECK(rig.sessions.size() == 1);
  // When it wakes up it reads what was on its way, and at its end why it is alone.
  REQUIRE(rig.run_until([&] { return !stalled.read_some(); }));
  const std::string close_frame{'\x88', 21, '\x03', '\xf5'};  // 1013
  CHECK(stalled.got.ends_with(close_frame + "too slow; come back"));
  const bool told = stalled.heard(R"({"type":"disconnect","reason":"too_slow","reconnect":true})");
  CHECK(told == (std::string_view(path) == "/cable"));
  REQUIRE(rig.run_until([&] { return reading.got.size() > 20'000 * 500; }));
}

TEST_CASE("a ping waits for nobody else, and does not pile up for who takes nothing",
          "[serve][session]") {
  Rig rig;
  RawClient client(rig.server.port(), "/cable");
  REQUIRE(rig.run_until([&] { return client.heard(R"({"type":"welcome"})"); }));
  rig.beats.start(loop::Ms{5}, loop::Ms{5});
  REQUIRE(rig.run_until([&] { return client.heard(R"({"type":"ping","message":1767588330})"); }));
}

TEST_CASE("limits that change count for what is asked from then on", "[serve][session]") {
  Rig rig;
  RawClient client(rig.server.port(), "/ws");
  REQUIRE(rig.run_until([&] { return rig.sessions.size() == 1; }));
  rig.limits.keys = 1;
  client.say(R"({"subscribe":["NSE_EQ:1","NSE_EQ:2"]})");
  REQUIRE(rig.run_until([&] { return client.heard("more than 1 key"); }));
  client.say(R"({"subscribe":["NSE_EQ:1"]})");
  client.say(R"({"subscribe":["NSE_EQ:2"]})");
  REQUIRE(rig.run_until([&] {
    return client.heard("that would be 2 keys, and one connection may have 1; nothing has changed");
  }));
}
