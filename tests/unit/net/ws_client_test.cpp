#include "net/ws_client.hpp"

#include "net/server.hpp"
#include "support/raw_server.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::net;
using namespace std::string_literals;

namespace {

/// A client and what it was told.
struct Told {
  loop::Loop loop;
  Context context{loop};
  std::vector<std::string> messages;
  std::optional<std::string> opened;
  std::vector<WsClosed> closed;
  WsClient client{context,
                  {[this](std::string_view server) { opened = server; },
                   [this](std::span<const std::byte> message, bool binary) {
                     messages.push_back((binary ? "b:" : "t:") +
                                        std::string(reinterpret_cast<const char*>(message.data()),
                                                    message.size()));
                   },
                   [this](const WsClosed& why) { closed.push_back(why); }},
                  1000};
  void open(std::uint16_t port, loop::Ms timeout = loop::Ms{5000}) {
    client.open({.host = "127.0.0.1", .port = port, .resource = "/?token=canary"}, timeout);
  }
  const WsClosed& end() {
    REQUIRE(run_until(loop, [&] { return !closed.empty(); }));
    return closed.back();
  }
};

/// A server that answers the upgrade with these bytes.
WsClosed answered_with(const std::string& answer, bool hang_up = false) {
  Told told;
  RawServer server;
  told.open(server.port());
  bool said = false;
  REQUIRE(run_until(told.loop, [&] {
    server.accept();
    if (!said && server.connected() && server.heard().ends_with("\r\n\r\n")) {
      server.say(answer);
      if (hang_up) server.hang_up();
      said = true;
    }
    return !told.closed.empty();
  }));
  CHECK_FALSE(told.opened);
  CHECK(told.closed.size() == 1);
  CHECK(told.closed[0].text.find("canary") == std::string::npos);
  return told.closed[0];
}

struct Echo : ServerHandler {
  std::vector<std::string> heard;
  WsPeer* peer = nullptr;
  int closed = 0;
  void on_request(const Request&, Responder respond) override { respond.send({}); }
  UpgradeAnswer on_upgrade(const Request&) override { return {}; }
  void on_open(WsPeer& opened, const Request& request) override {
    peer = &opened;
    heard.emplace_back(request.query);
  }
  void on_message(WsPeer& from, std::string_view message, bool) override {
    heard.emplace_back(message);
    from.send(message, true);
  }
  void on_writable(WsPeer&) override {}
  void on_pong(WsPeer&) override { heard.emplace_back("pong"); }
  void on_close(WsPeer&, int code) override {
    peer = nullptr;
    closed = code;
  }
};

}  // namespace

TEST_CASE("a client opens, talks, answers pings and closes", "[net][client]") {
  Told told;
  Echo echo;
  Server server(told.context, {.server_header = "ltp-sim/9"}, echo);
  told.open(server.port());
  REQUIRE(run_until(told.loop, [&] { return told.opened.has_value(); }));
  CHECK(*told.opened == "ltp-sim/9");
  CHECK(told.client.is_open());
  told.client.send_text("one");
  told.client.send_text("two");
  REQUIRE(run_until(told.loop, [&] { return told.messages.size() == 2; }));
  CHECK(told.messages == std::vector<std::string>{"b:one", "b:two"});
  CHECK(told.client.silent_for() < loop::Ms{5000});
  echo.peer->ping();
  REQUIRE(run_until(told.loop, [&] { return echo.heard.back() == "pong"; }));

  told.client.send_text("last words");
  told.client.close(1000);
  REQUIRE(run_until(told.loop, [&] { return echo.closed != 0; }));
  CHECK(echo.closed == 1000);
  CHECK(echo.heard.back() == "last words");
  CHECK(told.closed.empty());
  CHECK(echo.heard.front() == "token=canary");

  // And again.
  told.open(server.port());
  REQUIRE(run_until(told.loop, [&] { return told.client.is_open(); }));
  echo.peer->close(1001, "");
  CHECK(told.end().kind == WsClosed::Kind::kPeerClosed);
  CHECK(told.end().close_code == 1001);
}

TEST_CASE("an HTTP status before the upgrade is told", "[net][client]") {
  for (const int status : {401, 403, 429, 503, 200}) {
    const auto why =
        answered_with("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 2\r\n\r\nno");
    INFO(status);
    CHECK(why.kind == WsClosed::Kind::kHttp);
    CHECK(why.http_status == status);
  }
}

TEST_CASE("a redirect is not followed: it would carry the token elsewhere", "[net][client]") {
  Told told;
  RawServer server;
  RawServer elsewhere;
  told.open(server.port());
  bool said = false;
  REQUIRE(run_until(told.loop, [&] {
    server.accept();
    if (!said && server.connected() && server.heard().ends_with("\r\n\r\n")) {
      server.say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" +
                 std::to_string(elsewhere.port()) + "/\r\nContent-Length: 0\r\n\r\n");
      said = true;
    }
    return !told.closed.empty();
  }));
  CHECK_FALSE(elsewhere.accept());
  CHECK_FALSE(told.opened);
}

TEST_CASE("what is no WebSocket server is told from one that breaks", "[net][client]") {
  CHECK(answered_with("SSH-2.0-OpenSSH_9.2\r\n", true).kind != WsClosed::Kind::kPeerClosed);
  CHECK(answered_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Accept: bm90IHRoZSBhbnN3ZXI=\r\n\r\n")
            .kind == WsClosed::Kind::kProtocol);
  CHECK(answered_with("", true).kind == WsClosed::Kind::kLost);
}

TEST_CASE("refused, silent and unknown servers each have their word", "[net][client]") {
  Told told;
  std::uint16_t port = 0;
  {
    RawServer gone;
    port = gone.port();
  }
  told.open(port);
  CHECK(told.end().kind == WsClosed::Kind::kConnect);

  told.closed.clear();
  RawServer silent;
  told.open(silent.port(), loop::Ms{200});
  CHECK(told.end().kind == WsClosed::Kind::kConnect);
  CHECK(told.end().text == "no answer in time");

  told.closed.clear();
  told.client.open({.host = "no-such-host.invalid", .port = 80, .resource = "/"}, loop::Ms{5000});
  CHECK(told.end().kind == WsClosed::Kind::kResolve);
}

TEST_CASE("a message in pieces is put together, one too large ends it", "[net][client]") {
  Told told;
  Echo echo;
  Server server(told.context, {}, echo);
  told.open(server.port());
  REQUIRE(run_until(told.loop, [&] { return echo.peer != nullptr && told.opened; }));
  echo.peer->write_raw("\x02\x03one\x89\x01p\x00\x03two\x80\x01!"s);
  REQUIRE(run_until(told.loop, [&] { return !told.messages.empty(); }));
  CHECK(told.messages[0] == "b:onetwo!");
  echo.peer->send(std::string(1001, 'x'), true);
  CHECK(told.end().kind == WsClosed::Kind::kProtocol);
  CHECK(told.messages.size() == 1);
}

TEST_CASE("a broken connection is told", "[net][client]") {
  Told told;
  RawServer server;
  told.open(server.port());
  bool said = false;
  REQUIRE(run_until(told.loop, [&] {
    server.accept();
    if (!said && server.connected() && server.heard().ends_with("\r\n\r\n")) {
      // The answer depends on the client's key, so the server is told to go before it.
      server.reset();
      said = true;
    }
    return !told.closed.empty();
  }));
  INFO(told.closed[0].text);
  CHECK(told.closed[0].kind == WsClosed::Kind::kLost);
}

TEST_CASE("TLS: good, unknown, expired and foreign certificates", "[net][client][tls]") {
  const TempDir dir;
  const auto run = [&](const std::string& command) {
    INFO(command);
    REQUIRE(std::system(("cd '" + (dir / "") + "' && " + command + " >openssl.log 2>&1").c_str()) ==
            0);
  };
  run("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj "
      "/CN=test-ca");
  const auto certificate = [&](const std::string& name, const std::string& host,
                               const std::string& when) {
    run("openssl req -newkey rsa:2048 -nodes -keyout " + name + ".key -out " + name +
        ".csr -subj /CN=" + host + " && printf 'subjectAltName=DNS:" + host + "' >" + name +
        ".ext && openssl x509 -req -in " + name +
        ".csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-extfile " +
        name + ".ext -out " + name + ".pem " + when);
  };
  certificate("good", "localhost", "-days 2");
  certificate("foreign", "elsewhere.example", "-days 2");
  certificate("expired", "localhost", "-days -1");

  struct Case {
    const char* name;
    bool trusted;
    bool opens;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({{"good", true, true, ""},
                                        {"good", false, false, "certificate"},
                                        {"expired", true, false, "expired"},
                                        {"foreign", true, false, "ostname"}}));
  INFO(c.name << " " << c.trusted);
  Told told;
  Echo echo;
  Server server(
      told.context,
      {.tls_cert_file = dir / (c.name + ".pem"s), .tls_key_file = dir / (c.name + ".key"s)}, echo);
  told.client.open({.tls = true,
                    .host = "localhost",
                    .port = server.port(),
                    .resource = "/",
                    .ca_file = c.trusted ? dir / "ca.pem" : ""},
                   loop::Ms{10'000});
  REQUIRE(run_until(told.loop, [&] { return told.opened || !told.closed.empty(); }));
  CHECK(told.opened.has_value() == c.opens);
  if (c.opens) {
    told.client.send_text("over tls");
    REQUIRE(run_until(told.loop, [&] { return !told.messages.empty(); }));
    CHECK(told.messages[0] == "b:over tls");
    return;
  }
  INFO(told.closed[0].text);
  CHECK(told.closed[0].kind == WsClosed::Kind::kTls);
  CHECK(told.closed[0].text.find(c.said) != std::string::npos);
}
