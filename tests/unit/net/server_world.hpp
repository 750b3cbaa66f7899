#pragma once

#include "base/unique_fd.hpp"
#include "loop/stream.hpp"
#include "net/server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::net;
using namespace std::string_literals;

/// Answers what the test wants, and remembers what happened.
struct Handler : ServerHandler {
  std::vector<std::string> log;
  std::vector<Responder> waiting;
  std::vector<WsPeer*> peers;
  Response response{.content_type = "text/plain", .body = "hello"};
  UpgradeAnswer upgrade{.tag = 7};
  bool answer_later = false;
  bool drop = false;
  bool brief = false;
  std::function<void(const Request&)> look;

  void on_request(const Request& request, Responder respond) override {
    log.push_back(std::string(request.method) + " " + std::string(request.path) + "?" +
                  std::string(request.query) + " " + std::string(request.body) + " " +
                  request.header("x-test"));
    if (look) look(request);
    if (drop) return;
    if (answer_later) return waiting.push_back(respond);
    respond.send(response);
  }
  bool is_brief(const Request&) override { return brief; }
  UpgradeAnswer on_upgrade(const Request& request) override {
    log.push_back("upgrade " + std::string(request.path) + " " + std::string(request.origin));
    return upgrade;
  }
  void on_open(WsPeer& peer, const Request& request) override {
    log.push_back("open " + std::string(request.path) + " " + std::string(peer.subprotocol()) +
                  " " + std::to_string(peer.tag()));
    peers.push_back(&peer);
  }
  void on_message(WsPeer&, std::string_view message, bool binary) override {
    log.push_back((binary ? "binary " : "text ") + std::string(message));
  }
  void on_writable(WsPeer&) override { log.push_back("writable"); }
  void on_pong(WsPeer&) override { log.push_back("pong"); }
  void on_close(WsPeer& peer, int code) override {
    log.push_back("close " + std::to_string(code));
    std::erase(peers, &peer);
  }
  bool has(const std::string& entry) const {
    return std::find(log.begin(), log.end(), entry) != log.end();
  }
};

/// A client that says bytes and keeps what it hears.
struct Client {
  std::string heard;
  bool closed = false;
  loop::Stream stream;
  Client(loop::Loop& loop, std::uint16_t port, std::string bytes)
      : stream(loop, {.on_open = [this, bytes] { stream.write(bytes); },
                      .on_data = [this](std::string_view data) { heard.append(data); },
                      .on_closed = [this](const std::string&) { closed = true; },
                      .on_drained = {}}) {
    stream.open({.host = "127.0.0.1", .port = port, .path = {}}, loop::Ms{5000});
  }
  std::size_t count(std::string_view text) const {
    std::size_t n = 0;
    for (auto at = heard.find(text); at != heard.npos; at = heard.find(text, at + 1)) ++n;
    return n;
  }
};

/// The answer without its one date, which is that of now.
inline std::string without_date(std::string answer) {
  constexpr std::size_t kSize = sizeof "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" - 1;
  const auto at = answer.find("\r\ndate: ");
  REQUIRE(at != answer.npos);
  const auto line = answer.substr(at + 2, kSize);
  answer.erase(at + 2, kSize);
  std::tm parts{};
  const char* end = strptime(line.c_str(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  REQUIRE((end != nullptr && *end == '\0'));
  CHECK(std::abs(timegm(&parts) - std::time(nullptr)) < 60);
  CHECK(answer.find("\r\ndate: ") == answer.npos);
  return answer;
}

/// Masked with zeros, which is a mask like any other.
inline std::string masked(char first, const std::string& payload) {
  REQUIRE(payload.size() < 126);
  return first + std::string(1, static_cast<char>(0x80 | payload.size())) + "\0\0\0\0"s + payload;
}

inline std::string upgrade(const std::string& path, const std::string& more = "",
                           const std::string& first = "GET") {
  return first + " " + path +
         " HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more + "\r\n";
}

inline std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}

/// A client that never reads.
struct Sleeper {
  UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  explicit Sleeper(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  void say(const std::string& bytes) const {
    REQUIRE(send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void say_no_more() const { REQUIRE(shutdown(fd.get(), SHUT_WR) == 0); }
  void break_off() const {
    const linger at_once{1, 0};
    REQUIRE(setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  }
  /// The server has closed its side; what it has sent before may lie there unread.
  bool ended() const {
    pollfd state{fd.get(), POLLRDHUP, 0};
    return poll(&state, 1, 0) == 1;
  }
  /// After all it does read, until the server has closed its side.
  std::string read_to_end(loop::Loop& loop) const {
    std::string heard;
    bool closed = false;
    REQUIRE(run_until(loop, [&] {
      char some[65536];
      ssize_t got = 0;
      while ((got = recv(fd.get(), some, sizeof some, MSG_DONTWAIT)) > 0)
        heard.append(some, static_cast<std::size_t>(got));
      closed = closed || got == 0;
      return closed;
    }));
    return heard;
  }
  bool cut_off() const {
    pollfd state{fd.get(), 0, 0};
    return poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0;
  }
};

/// A test of it is run twice: with requests that the server reads by itself as far as it does,
/// and with all of them read by libwebsockets.
struct World {
  loop::Loop loop;
  Context context{loop};
  Handler handler;
  Server server{context,
                {.subprotocols = {"one-json", "other-json"},
                 .server_header = "test/1",
                 .max_message = 100,
                 .max_body = 1000,
                 .headers = {{"x-always", "yes"}}},
                handler};
  World() {
    handler.brief = GENERATE(true, false);
    UNSCOPED_INFO((handler.brief ? "read by the server" : "read by libwebsockets"));
  }
  Client client(std::string bytes) { return {loop, server.port(), std::move(bytes)}; }
};
