#include "net/ws_client.hpp"

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "net/server.hpp"
#include "support/certificates.hpp"
#include "support/raw_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdio>
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
  std::size_t pause_after = 0;  // so many messages
  WsClient client{context,
                  {[this](std::string_view server) { opened = server; },
                   [this](std::span<const std::byte> message, bool binary) {
                     messages.push_back((binary ? "b:" : "t:") +
                                        std::string(reinterpret_cast<const char*>(message.data()),
                                                    message.size()));
                     if (messages.size() == pause_after) client.pause(true);
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

TEST_CASE("an address that never answers leaves time for the next", "[net][client]") {
  // localhost is 127.0.0.1, where somebody listens and says nothing, and then ::1.
  Told told;
  RawServer silent;
  const auto start = steady_ms();
  told.client.open({.host = "localhost", .port = silent.port(), .resource = "/"}, loop::Ms{2000});
  CHECK(told.end().kind == WsClosed::Kind::kConnect);
  CHECK(told.end().text != "no answer in time");  // refused, or no IPv6 here
  CHECK(steady_ms() - start < 1900);
  CHECK(told.closed.size() == 1);
  CHECK(silent.accept());
  REQUIRE(run_until(told.loop, [&] { return silent.ended(); }));
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

TEST_CASE("paused, nothing is read and the server can send no more", "[net][client]") {
  const bool tls = GENERATE(false, true);
  INFO(tls);
  const auto& certificates = Certificates::get();
  Told told;
  Echo echo;
  ServerOptions options;
  if (tls) {
    options.tls_cert_file = certificates.pem("good");
    options.tls_key_file = certificates.key("good");
  }
  Server server(told.context, options, echo);
  told.pause_after = 3;
  told.client.open({.tls = tls,
                    .host = "localhost",
                    .port = server.port(),
                    .resource = "/",
                    .ca_file = tls ? certificates.pem("ca") : ""},
                   loop::Ms{5000});
  REQUIRE(run_until(told.loop, [&] { return told.opened && echo.peer != nullptr; }));

  // As much as it can, many frames at once, until nothing goes for a while.
  int sent = 0;
  std::int64_t last_ms = 0;
  const auto send_all = [&](std::int64_t quiet_ms) {
    last_ms = steady_ms();
    REQUIRE(run_until(told.loop, [&] {
      while (!echo.peer->held()) {
        std::string frames;
        for (int i = 0; i < 50; ++i) frames += "\x82\x07" + std::to_string(1'000'000 + sent + i);
        echo.peer->write_raw(frames);
        sent += 50;
        last_ms = steady_ms();
        REQUIRE(sent < 4'000'000);
      }
      return steady_ms() - last_ms > quiet_ms;
    }));
  };
  send_all(100);
  CHECK(told.messages.size() == 3);
  CHECK(turns_per_ms(told.loop, loop::Ms{200}) < kQuiet);
  CHECK(told.messages.size() == 3);
  CHECK(told.client.is_open());

  told.pause_after = 10;
  told.client.pause(false);
  REQUIRE(run_until(told.loop, [&] { return told.messages.size() >= 10; }));
  send_all(200);
  CHECK(told.messages.size() == 10);

  told.client.pause(false);
  REQUIRE(
      run_until(told.loop, [&] { return told.messages.size() == static_cast<std::size_t>(sent); }));
  for (std::size_t i = 0; i < told.messages.size(); ++i)
    if (told.messages[i] != "b:" + std::to_string(1'000'000 + i)) FAIL("message " << i);

  // Closing and going while it is paused.
  told.client.pause(true);
  told.client.close(1000);
  REQUIRE(run_until(told.loop, [&] { return echo.closed != 0; }));
  CHECK(echo.closed == 1000);
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

TEST_CASE("TLS: each thing wrong with a certificate is named", "[net][client][tls]") {
  struct Case {
    const char* name;
    bool trusted;
    const char* fault;
  };
  const auto c = GENERATE(values<Case>({{"good", true, nullptr},
                                        {"good", false, "unable to get local issuer certificate"},
                                        {"expired", true, "certificate has expired"},
                                        {"future", true, "certificate is not yet valid"},
                                        {"foreign", true, "hostname mismatch"}}));
  INFO(c.name << " " << c.trusted);
  const auto& certificates = Certificates::get();
  Told told;
  Echo echo;
  Server server(
      told.context,
      {.tls_cert_file = certificates.pem(c.name), .tls_key_file = certificates.key(c.name)}, echo);
  told.client.open({.tls = true,
                    .host = "localhost",
                    .port = server.port(),
                    .resource = "/?token=canary",
                    .ca_file = c.trusted ? certificates.pem("ca") : ""},
                   loop::Ms{10'000});
  REQUIRE(run_until(told.loop, [&] { return told.opened || !told.closed.empty(); }));
  if (c.fault == nullptr) {
    REQUIRE(told.opened);
    told.client.send_text("over tls");
    REQUIRE(run_until(told.loop, [&] { return !told.messages.empty(); }));
    CHECK(told.messages[0] == "b:over tls");
    return;
  }
  CHECK(told.closed.at(0).kind == WsClosed::Kind::kTls);
  CHECK(told.closed.at(0).text == "its certificate is not good: "s + c.fault);
  CHECK(echo.heard.empty());  // the token has not left
}

TEST_CASE("TLS: what speaks another language, or refuses, is told", "[net][client][tls]") {
  struct Case {
    const char* why;
    std::string said;
    const char* fault;
  };
  const auto c = GENERATE(values<Case>({
      {"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak TLS"},
      {"an alert", "\x15\x03\x03\x00\x02\x02\x28"s,
       "it refused TLS: sslv3 alert handshake failure"},
      {"an old version only", "\x15\x03\x01\x00\x02\x02\x46"s,
       "it refused TLS: tlsv1 alert protocol version"},
      {"nothing", "", "it broke off the start of TLS"},
  }));
  INFO(c.why);
  Told told;
  RawServer server;
  told.client.open(
      {.tls = true, .host = "127.0.0.1", .port = server.port(), .resource = "/?token=canary"},
      loop::Ms{5000});
  bool said = false;
  REQUIRE(run_until(told.loop, [&] {
    server.accept();
    if (!said && server.connected() && !server.heard().empty()) {
      CHECK(server.heard().find("canary") == std::string::npos);
      if (!c.said.empty()) server.say(c.said);
      server.hang_up();
      said = true;
    }
    return !told.closed.empty();
  }));
  CHECK(told.closed[0].kind == WsClosed::Kind::kTls);
  CHECK(told.closed[0].text == c.fault);
}

TEST_CASE("a resource too long to be sent whole is not sent at all", "[net][client]") {
  Told told;
  Echo echo;
  Server server(told.context, {}, echo);
  const auto open = [&](std::size_t size) {
    told.client.open(
        {.host = "127.0.0.1", .port = server.port(), .resource = "/?" + std::string(size - 2, 'k')},
        loop::Ms{5000});
  };
  open(2000);
  REQUIRE(run_until(told.loop, [&] { return told.opened || !told.closed.empty(); }));
  CHECK(told.opened);
  CHECK(echo.heard == std::vector<std::string>{std::string(1998, 'k')});
  open(2001);
  CHECK(told.closed.empty());
  CHECK(told.end().kind == WsClosed::Kind::kProtocol);
  CHECK(echo.heard.size() == 1);
}

TEST_CASE("the library prints nothing, least of all the token", "[net][client]") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(nullptr);
  const UniqueFd out(dup(STDOUT_FILENO));
  const UniqueFd err(dup(STDERR_FILENO));
  dup2(fileno(file), STDOUT_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  {
    answered_with("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    answered_with("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n", true);
    answered_with("not HTTP at all\r\n\r\n", true);
    answered_with("", true);
    Told told;
    Echo echo;
    Server server(told.context, {}, echo);
    told.open(server.port());
    CHECK(run_until(told.loop, [&] { return told.opened && echo.peer != nullptr; }));
    echo.peer->send(std::string(1001, 'x'), true);
    told.end();
  }
  std::fflush(nullptr);
  dup2(out.get(), STDOUT_FILENO);
  dup2(err.get(), STDERR_FILENO);
  std::rewind(file);
  std::string printed(4096, '\0');
  printed.resize(std::fread(printed.data(), 1, printed.size(), file));
  std::fclose(file);
  CHECK(printed == "");
}
