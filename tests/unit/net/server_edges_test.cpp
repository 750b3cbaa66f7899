// What clients do that no well-behaved one does, and what a library in between makes of it.
#include "base/clock.hpp"
#include "net/server.hpp"
#include "server_world.hpp"

#include <catch2/catch.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <vector>

TEST_CASE("servers on one context keep their own names", "[net][server]") {
  World w;
  Handler other;
  Server second(w.context, {.subprotocols = {"two-json"}}, other);
  Client client(w.loop, second.port(), upgrade("/", "Sec-WebSocket-Protocol: two-json\r\n"));
  REQUIRE(run_until(w.loop, [&] { return client.closed || client.heard.ends_with("\r\n\r\n"); }));
  CHECK(client.heard.starts_with("HTTP/1.1 101 "));
  CHECK(client.count("Sec-WebSocket-Protocol: two-json\r\n") == 1);
  CHECK(other.has("open / two-json 7"));
}

TEST_CASE("a query is never served in part", "[net][server]") {
  World w;
  auto short_one = w.client(get("/q?a=1&&b=2&"));
  REQUIRE(run_until(w.loop, [&] { return short_one.heard.ends_with("hello"); }));
  CHECK(query_value(std::string_view(w.handler.log[0]).substr(7, 9), "b") == "2");

  const std::string keys(25'000, 'k');
  auto longer = w.client(get("/q?keys=" + keys + "&end=1"));
  REQUIRE(run_until(w.loop, [&] { return longer.closed || longer.heard.ends_with("hello"); }));
  CHECK((w.handler.log.back() == "GET /q?keys=" + keys + "&end=1  "));

  // More than the library holds: a refusal, or no answer, rather than one to something else.
  const auto asked = w.handler.log.size();
  const std::string endless(1'000'000, 'k');
  std::string parts;
  for (int i = 0; i < 300; ++i) parts += "&k=" + std::to_string(i);
  auto too_long = w.client(get("/q?a=1&keys=" + endless.substr(0, 26'000) + "&end=1"));
  auto no_end = w.client(get("/q?keys=" + endless));
  auto long_path =
      w.client("POST /" + endless + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  auto long_upgrade = w.client(upgrade("/?keys=" + endless));
  auto too_many = w.client(get("/q?" + parts));
  const Client* all[] = {&too_long, &no_end, &long_path, &long_upgrade};
  REQUIRE(run_until(w.loop, [&] {
    return std::all_of(std::begin(all), std::end(all), [](const Client* c) { return c->closed; });
  }));
  for (const auto* client : {&too_long, &no_end, &long_path, &long_upgrade})
    CHECK(client->heard.starts_with("HTTP/1.1 414 URI Too Long\r\n"));
  REQUIRE(run_until(w.loop, [&] { return too_many.closed || too_many.heard.ends_with("hello"); }));
  CHECK(too_many.closed == !w.handler.brief);
  if (w.handler.brief) {
    REQUIRE(w.handler.log.size() == asked + 1);
    CHECK((w.handler.log.back() == "GET /q?" + parts + "  "));
  } else {
    CHECK(w.handler.log.size() == asked);
  }
}

TEST_CASE("a header is found by its name, known to the library or not", "[net][server]") {
  World w;
  std::vector<std::string> found;
  w.handler.look = [&](const Request& request) {
    for (const auto* name : {"x-test", "user-agent", "cookie", "x-forwarded-for", "x-none"})
      found.push_back(request.header(name));
  };
  auto client = w.client(get("/",
                             "X-Test: v\r\nUser-Agent: agent/1 (x)\r\nCookie: a=b; c=d\r\n"
                             "X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("hello"); }));
  CHECK(found ==
        std::vector<std::string>{"v", "agent/1 (x)", "a=b; c=d", "10.0.0.1, 10.0.0.2", ""});
}

TEST_CASE("a POST without a length has no body, and is the connection's last", "[net][server]") {
  World w;
  auto client = w.client("POST /p HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next"));
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.count("connection: close\r\n") == 1);
  CHECK(client.heard.ends_with("hello"));
  CHECK(w.handler.log == std::vector<std::string>{"POST /p?  "});

  for (const auto* request : {"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                              "PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                              "PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 00\r\n\r\n"}) {
    INFO(request);
    w.handler.log.clear();
    auto empty = w.client(request);
    REQUIRE(run_until(w.loop, [&] { return empty.heard.ends_with("hello"); }));
    empty.heard.clear();
    empty.stream.write(get("/next"));
    REQUIRE(run_until(w.loop, [&] { return empty.heard.ends_with("hello"); }));
    REQUIRE(w.handler.log.size() == 2);
    CHECK(w.handler.log[0].ends_with(" /p?  "));
    CHECK(w.handler.log[1] == "GET /next?  ");
  }
}

TEST_CASE("of requests in one packet brief ones are all answered, in order", "[net][server]") {
  World w;
  const bool later = GENERATE(false, true);
  if (!w.handler.brief) return;
  w.handler.answer_later = later;
  const auto post = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"s;
  auto client = w.client(get("/1") + post + get("/3") + post.substr(0, 30));
  for (const auto* body : {"one", "two", "three"}) {
    w.handler.response.body = body;
    if (!later) continue;
    REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 1; }));
    CHECK(turns_per_ms(w.loop, loop::Ms{50}) < kQuiet);
    std::exchange(w.handler.waiting, {})[0].send(w.handler.response);
  }
  REQUIRE(run_until(w.loop, [&] { return client.count("HTTP/1.1 200 OK") == 3; }));
  if (later) CHECK(client.heard.find("one") < client.heard.find("two"));
  CHECK(client.heard.ends_with("three"));
  CHECK(w.handler.log == std::vector<std::string>{"GET /1?  ", "POST /p? ab ", "GET /3?  "});

  // What has come of a fourth waits for its rest, with whoever reads it.
  w.handler.answer_later = false;
  client.stream.write(post.substr(30));
  REQUIRE(run_until(w.loop, [&] { return client.count("HTTP/1.1 200 OK") == 4; }));
  CHECK(w.handler.log.back() == "POST /p? ab ");
}

TEST_CASE("of requests in one packet that libwebsockets reads the first is answered",
          "[net][server]") {
  World w;
  w.handler.brief = false;
  const auto post = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"s;
  auto first_get = w.client(get("/g") + post + get("/3"));
  auto first_post = w.client(post + post);
  REQUIRE(run_until(w.loop, [&] { return first_get.closed && first_post.closed; }));
  CHECK(first_get.count("HTTP/1.1 200 OK") == 1);
  CHECK(first_get.heard.ends_with("hello"));
  CHECK(first_post.count("HTTP/1.1 200 OK") == 1);
  CHECK(first_post.heard.ends_with("hello"));
  CHECK(w.handler.log.size() == 2);
  CHECK(w.handler.has("GET /g?  "));
  CHECK(w.handler.has("POST /p? ab "));
}

TEST_CASE("who waits for an answer costs nothing, whatever he sends meanwhile", "[net][server]") {
  World w;
  w.handler.answer_later = true;
  auto eager = w.client(get("/1"));
  auto poster = w.client("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 2; }));
  eager.stream.write(get("/2"));
  poster.stream.write("POST /q HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\ncd");
  CHECK(turns_per_ms(w.loop, loop::Ms{300}) < kQuiet);
  CHECK(w.handler.log.size() == 2);

  w.handler.answer_later = false;
  for (auto& waiting : std::exchange(w.handler.waiting, {})) waiting.send(w.handler.response);
  REQUIRE(
      run_until(w.loop, [&] { return eager.count("hello") == 2 && poster.count("hello") == 2; }));
  CHECK(w.handler.has("GET /1?  "));
  CHECK(w.handler.has("GET /2?  "));
  CHECK(w.handler.has("POST /p? ab "));
  CHECK(w.handler.has("POST /q? cd "));
}

TEST_CASE("who does not take an answer and sends more costs nothing", "[net][server]") {
  World w;
  w.handler.response.body = std::string(20'000'000, 'x');
  const Sleeper sleeper(w.server.port());
  const Sleeper more(w.server.port());
  const Sleeper ended(w.server.port());
  for (const auto* client : {&sleeper, &more, &ended}) client->say(get("/1"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.log.size() == 3; }));
  more.say(get("/2"));
  ended.say_no_more();
  turns_per_ms(w.loop, loop::Ms{400});  // to be sure of it takes 250
  CHECK(turns_per_ms(w.loop, loop::Ms{300}) < kQuiet);
  CHECK(more.cut_off() == !w.handler.brief);
  CHECK_FALSE(sleeper.cut_off());
  CHECK(w.handler.log.size() == 3);
}

TEST_CASE("who hangs up before the answer is seen to have gone, and costs nothing",
          "[net][server]") {
  World w;
  w.handler.answer_later = true;
  auto leaver = w.client(get("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 1; }));
  leaver.stream.close();
  CHECK(turns_per_ms(w.loop, loop::Ms{300}) < kQuiet);
  w.handler.waiting[0].send(w.handler.response);
}

TEST_CASE("who breaks the connection before the answer is forgotten", "[net][server]") {
  World w;
  w.handler.answer_later = true;
  {
    Sleeper leaver(w.server.port());
    Sleeper with_more(w.server.port());
    leaver.say(get("/"));
    with_more.say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" + get("/2"));
    REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 2; }));
    leaver.break_off();
    with_more.break_off();
  }
  for (auto& waiting : w.handler.waiting) waiting.send(w.handler.response);
  turns_per_ms(w.loop, loop::Ms{100});
  CHECK(turns_per_ms(w.loop, loop::Ms{300}) < kQuiet);
}

TEST_CASE("a body that is refused is read to its end, so that the answer arrives",
          "[net][server]") {
  World w;
  auto client = w.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" +
                         std::string(3'000'000, 'x'));
  REQUIRE(run_until(w.loop, [&] { return client.closed || client.count("bytes") == 1; }));
  CHECK(client.heard.starts_with("HTTP/1.1 413 "));
  CHECK(w.handler.log.empty());
}

TEST_CASE("no request gets two answers, and none gets a tunnel", "[net][server]") {
  World w;
  auto switcher = w.client(get("/1"));
  REQUIRE(run_until(w.loop, [&] { return switcher.heard.ends_with("hello"); }));
  switcher.heard.clear();
  switcher.stream.write(get("/2", "Connection: Upgrade\r\nUpgrade: chat/1\r\n"));
  REQUIRE(run_until(w.loop, [&] { return switcher.closed; }));
  CHECK(switcher.count("HTTP/1.") == 1);

  auto tunnel = w.client("CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n");
  auto unknown = w.client("BREW / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto not_http = w.client("\x16\x03\x01\x02hello\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return tunnel.closed && not_http.closed; }));
  REQUIRE(run_until(w.loop, [&] { return unknown.closed || unknown.count("hello") == 1; }));
  if (w.handler.brief) CHECK(w.handler.log.back() == "BREW /?  ");
  CHECK(w.handler.log.size() == (w.handler.brief ? 2 : 1));
}

TEST_CASE("an upgrade with parts missing is answered, not dropped", "[net][server]") {
  struct Case {
    const char* why;
    std::string cut;
    std::string put;
    const char* status;
  };
  const auto c = GENERATE(values<Case>({
      {"no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", "HTTP/1.1 400 "},
      {"no host", "Host: h\r\n", "", "HTTP/1.1 400 "},
      {"no Connection: Upgrade", "Connection: Upgrade\r\n", "", "HTTP/1.1 400 "},
      {"a key too long", "dGhlIHNhbXBsZSBub25jZQ==", std::string(182, 'a'), "HTTP/1.1 400 "},
      {"names without end", "Sec-WebSocket-Version: 13\r\n",
       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: one-json, "
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
       "a"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r"
       "\n",
       "HTTP/1.1 400 "},
  }));
  INFO(c.why);
  World w;
  auto bytes = upgrade("/");
  bytes.replace(bytes.find(c.cut), c.cut.size(), c.put);
  auto client = w.client(bytes);
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.heard.starts_with(c.status));
  CHECK_FALSE(w.handler.has("open /  7"));
}

TEST_CASE("what breaks RFC 6455 ends the WebSocket with the code for it", "[net][server]") {
  struct Case {
    const char* why;
    std::string frames;
    int code;
  };
  const auto c = GENERATE(values<Case>({
      {"text that is no UTF-8", masked('\x81', "\xff\xfe"), 1007},
      {"text cut inside a character", masked('\x81', "\xe2\x82"), 1007},
      {"an unknown opcode", masked('\x83', "x"), 1002},
      {"a reserved bit", masked('\xc1', "x"), 1002},
      {"a ping in pieces", masked('\x09', "x"), 1002},
      {"a continuation of nothing", masked('\x80', "x"), 1002},
      {"a new message inside another", masked('\x01', "x") + masked('\x81', "y"), 1002},
  }));
  INFO(c.why);
  World w;
  auto client = w.client(upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("\r\n\r\n"); }));
  client.heard.clear();
  client.stream.write(c.frames);
  REQUIRE(run_until(w.loop, [&] { return client.heard.size() >= 4 || client.closed; }));
  REQUIRE(client.heard.size() >= 4);
  CHECK(client.heard[0] == '\x88');
  CHECK((static_cast<unsigned char>(client.heard[2]) << 8 |
         static_cast<unsigned char>(client.heard[3])) == c.code);
  for (const auto& entry : w.handler.log) CHECK_FALSE(entry.starts_with("text"));
}

TEST_CASE("who neither reads nor stops sending is gone a second after the close", "[net][server]") {
  World w;
  auto client = w.client(upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.peers.size() == 1; }));
  auto& peer = *w.handler.peers[0];
  while (!peer.held())
    REQUIRE(peer.write_raw(std::string("\x81\x7e\x27\x10", 4) + std::string(10'000, 'x')));
  const auto start = steady_ms();
  peer.close(1001, "bye");
  REQUIRE(run_until(w.loop, [&] {
    client.heard.clear();
    return w.handler.has("close 1006") || w.handler.has("close 1001");
  }));
  CHECK(steady_ms() - start < 3000);
  CHECK(w.server.peers() == 0);
}

TEST_CASE("a small frame does not wait for the acknowledgement of the one before",
          "[net][server]") {
  World w;
  auto client = w.client(upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("\r\n\r\n"); }));
  int accepted = 0;
  for (int fd = 0; fd < 256; ++fd) {
    sockaddr_in own{}, other{};
    socklen_t size = sizeof own;
    socklen_t other_size = sizeof other;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0 ||
        getpeername(fd, reinterpret_cast<sockaddr*>(&other), &other_size) != 0 ||
        ntohs(own.sin_port) != w.server.port())
      continue;
    int on = 0;
    size = sizeof on;
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size);
    CHECK(on != 0);
    ++accepted;
  }
  CHECK(accepted == 1);
}
