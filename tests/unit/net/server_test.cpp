#include "net/server.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "server_world.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

TEST_CASE("a request comes whole and its answer goes out whole", "[net][server]") {
  World w;
  auto client =
      w.client("GET /a%20b?keys=A%3A1,B&x=%26+y HTTP/1.1\r\nHost: h\r\nX-Test: v\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("hello"); }));
  CHECK(client.heard.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(client.count("server: test/1\r\n") == 1);
  CHECK(client.count("content-length: 5\r\n") == 1);
  CHECK(client.count("x-always: yes\r\n") == 1);
  CHECK(w.handler.log == std::vector<std::string>{"GET /a b?keys=A:1,B&x=%26%20y  v"});

  // The connection stays for more: a body, then no body in the answer to HEAD.
  client.heard.clear();
  client.stream.write("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("hello"); }));
  CHECK(w.handler.log.back() == "POST /p? abcd ");
  client.heard.clear();
  client.stream.write("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("\r\n\r\n"); }));
  CHECK(client.count("content-length: 5\r\n") == 1);
}

TEST_CASE("an answer may be large and may come later", "[net][server]") {
  World w;
  w.handler.answer_later = true;
  auto client = w.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return !w.handler.waiting.empty(); }));
  w.handler.waiting[0].send({.content_type = "text/plain", .body = std::string(3'000'000, 'x')});
  w.handler.waiting.clear();
  REQUIRE(run_until(w.loop, [&] { return client.heard.size() > 3'000'000; }));
  CHECK(client.count("content-length: 3000000\r\n") == 1);
}

TEST_CASE("a connection is used again and again, whenever and however it is answered",
          "[net][server]") {
  World w;
  auto client = w.client(get("/"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("hello"); }));
  const auto ask = [&](const std::string& bytes, bool later, std::string_view end) {
    INFO(bytes << (later ? "later" : "at once"));
    client.heard.clear();
    w.handler.answer_later = later;
    client.stream.write(bytes);
    if (later) {
      REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 1; }));
      w.handler.waiting[0].send(w.handler.response);
      w.handler.waiting.clear();
    }
    REQUIRE(run_until(w.loop, [&] { return client.closed || client.heard.ends_with(end); }));
    REQUIRE(client.count("HTTP/1.1 200 OK\r\n") == 1);
  };
  for (const bool later : {false, true, true, false, false}) {
    ask(get("/"), later, "hello");
    ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", later, "\r\n\r\n");
    ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", later, "hello");
    ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", later, "hello");
    ask("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", later, "hello");
    ask("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", later, "hello");
    w.handler.response.body = later ? "hello" : std::string(300'000, 'x') + "hello";
  }
  CHECK(w.handler.log.size() == 31);
  CHECK(turns_per_ms(w.loop, loop::Ms{100}) < kQuiet);

  client.heard.clear();
  client.stream.write(upgrade("/ws"));
  REQUIRE(run_until(w.loop, [&] { return w.server.peers() == 1; }));
  REQUIRE(run_until(w.loop, [&] { return client.heard.starts_with("HTTP/1.1 101 "); }));
}

TEST_CASE("a slow reader gets all of a large answer, and then the next", "[net][server]") {
  World w;
  w.handler.response.body = std::string(20'000'000, 'x') + "end";
  const Sleeper sleeper(w.server.port());
  sleeper.say(get("/1"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.log.size() == 1; }));
  CHECK(turns_per_ms(w.loop, loop::Ms{300}) < kQuiet);  // it reads nothing yet
  std::string heard;
  const auto hears = [&](std::size_t size) {
    return run_until(w.loop, [&] {
      char bytes[100'000];
      const auto got = recv(sleeper.fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) heard.append(bytes, static_cast<std::size_t>(got));
      return heard.size() > size && heard.ends_with("end");
    });
  };
  REQUIRE(hears(20'000'000));
  heard.clear();
  w.handler.response.body = "the end";
  sleeper.say(get("/2"));
  REQUIRE(hears(0));
  CHECK(heard.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("who asks nothing more is hung up on in the end, who waits is not", "[net][server]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  handler.brief = GENERATE(true, false);
  Server server(context, {.keep_alive = loop::Ms{120}}, handler);
  Client idle(loop, server.port(), get("/1"));
  REQUIRE(run_until(loop, [&] { return idle.heard.ends_with("hello"); }));
  const Sleeper mute(server.port());
  const Sleeper sleeper(server.port());
  handler.response.body = std::string(20'000'000, 'x');
  sleeper.say(get("/sleeper"));
  REQUIRE(run_until(loop, [&] { return handler.has("GET /sleeper?  "); }));
  handler.answer_later = true;
  Client waits(loop, server.port(), get("/2"));
  Client socket(loop, server.port(), upgrade("/"));
  const auto start = steady_ms();
  REQUIRE(run_until(loop, [&] { return idle.closed && mute.ended(); }));
  CHECK(steady_ms() - start < 2000);
  turns_per_ms(loop, loop::Ms{300});
  CHECK_FALSE(waits.closed);
  CHECK_FALSE(socket.closed);
  if (handler.brief) CHECK(sleeper.read_to_end(loop).size() < 15'000'000);
}

TEST_CASE("a silent WebSocket is pinged, and hung up on if it stays silent", "[net][server]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  Server server(context, {.ping_after = loop::Ms{200}}, handler);
  const auto start = steady_ms();
  Client mute(loop, server.port(), upgrade("/"));
  Client polite(loop, server.port(), upgrade("/"));
  Client talks(loop, server.port(), upgrade("/"));
  REQUIRE(run_until(loop, [&] { return handler.peers.size() == 3; }));
  loop::Timer talk(loop, [&] { talks.stream.write(masked('\x81', "hi")); });
  talk.start(loop::Ms{20}, loop::Ms{20});
  std::size_t answered = 0;
  REQUIRE(run_until(loop, [&] {
    for (; answered < polite.count("\x89\x01p"); ++answered)
      polite.stream.write(masked('\x8a', "p"));
    return mute.closed && answered >= 4;
  }));
  CHECK(mute.count("\x89\x01p") == 1);
  CHECK(steady_ms() - start >= 4 * 200);
  CHECK(talks.count("\x89\x01p") == 0);
  CHECK_FALSE(polite.closed);
  CHECK_FALSE(talks.closed);
  CHECK(handler.peers.size() == 2);
  CHECK(handler.has("close 1006"));
}

TEST_CASE("a halt of our own is no silence of a client", "[net][server]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  Server server(context, {.ping_after = loop::Ms{400}, .keep_alive = loop::Ms{2400}}, handler);
  Client socket(loop, server.port(), upgrade("/"));
  Client idle(loop, server.port(), get("/"));
  REQUIRE(run_until(loop, [&] { return handler.peers.size() == 1 && idle.count("hello") == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(3000));
  REQUIRE(run_until(loop, [&] { return socket.count("\x89\x01p") == 1; }));
  CHECK_FALSE(idle.closed);
  socket.stream.write(masked('\x8a', "p"));
  idle.stream.write(get("/2"));
  REQUIRE(run_until(loop, [&] { return handler.has("pong") && idle.count("hello") == 2; }));
}

TEST_CASE("who forgets to answer answers with 500, who waits for nobody does no harm",
          "[net][server]") {
  World w;
  w.handler.drop = true;
  auto client = w.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return client.heard.starts_with("HTTP/1.1 500 "); }));

  w.handler.drop = false;
  w.handler.answer_later = true;
  auto leaver = w.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return !w.handler.waiting.empty(); }));
  leaver.stream.close();
  w.handler.waiting[0].send({.body = "too late"});
  w.handler.waiting.clear();
  w.handler.answer_later = false;
  auto next = w.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return next.heard.ends_with("hello"); }));
}

TEST_CASE("bodies have a bound and a length", "[net][server]") {
  World w;
  auto large = w.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  auto huge =
      w.client("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n");
  auto chunked = w.client("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return large.closed && huge.closed && chunked.closed; }));
  CHECK(large.heard.starts_with("HTTP/1.1 413 "));
  CHECK(huge.heard.starts_with("HTTP/1.1 413 "));
  CHECK(chunked.heard.starts_with("HTTP/1.1 411 "));
  CHECK(w.handler.log.empty());
}

TEST_CASE("an upgrade is answered as RFC 6455 says", "[net][server]") {
  World w;
  auto client = w.client(upgrade("/ws?keys=a", "Origin: http://o\r\n"));
  REQUIRE(run_until(w.loop, [&] { return w.server.peers() == 1; }));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("\r\n\r\n"); }));
  CHECK(client.heard.starts_with("HTTP/1.1 101 "));
  // The key and its answer are the example of RFC 6455, 1.3.
  CHECK(client.count("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == 1);
  CHECK(client.count("server: test/1\r\n") == 1);
  CHECK(client.count("Sec-WebSocket-Protocol") == 0);
  CHECK(w.handler.log == std::vector<std::string>{"upgrade /ws http://o", "open /ws  7"});

  client.heard.clear();
  client.stream.write(masked('\x81', "hi") + masked('\x82', "b") + masked('\x01', "one ") +
                      masked('\x89', "p") + masked('\x80', "two"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("text one two"); }));
  CHECK(w.handler.has("text hi"));
  CHECK(w.handler.has("binary b"));
  REQUIRE(run_until(w.loop, [&] { return client.heard == "\x8a\x01p"; }));  // the pong

  client.heard.clear();
  auto& peer = *w.handler.peers.at(0);
  CHECK(peer.send("x"));
  CHECK(peer.send("y", true));
  CHECK(peer.write_raw("\x81\x01z\x81\x01!"));
  peer.ping();
  REQUIRE(run_until(
      w.loop, [&] { return client.heard == "\x81\x01x\x82\x01y\x81\x01z\x81\x01!\x89\x01p"s; }));
  client.stream.write(masked('\x8a', "p"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("pong"); }));

  // The client's close is answered; its code is told.
  client.stream.write(masked('\x88', "\x0f\xa0"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("close 4000") && client.closed; }));
  CHECK(w.server.peers() == 0);
}

TEST_CASE("subprotocols: our best is chosen, for others there is no name", "[net][server]") {
  World w;
  auto ours =
      w.client(upgrade("/ours", "Sec-WebSocket-Protocol: zero-json,other-json, one-json\r\n"));
  auto others = w.client(upgrade("/others", "Sec-WebSocket-Protocol: zero-json, nil\r\n"));
  REQUIRE(run_until(w.loop, [&] { return w.server.peers() == 2; }));
  REQUIRE(run_until(w.loop, [&] {
    return ours.heard.ends_with("\r\n\r\n") && others.heard.ends_with("\r\n\r\n");
  }));
  CHECK(ours.heard.starts_with("HTTP/1.1 101 "));
  CHECK(ours.count("Sec-WebSocket-Protocol: one-json\r\n") == 1);
  CHECK(w.handler.has("open /ours one-json 7"));
  CHECK(others.heard.starts_with("HTTP/1.1 101 "));
  CHECK(others.count("Sec-WebSocket-Protocol") == 0);
  CHECK(w.handler.has("open /others  7"));
}

TEST_CASE("what is no upgrade is refused and never reaches the handler", "[net][server]") {
  World w;
  auto post = w.client(upgrade("/", "", "POST"));
  auto version = upgrade("/");
  version.replace(version.find("13"), 2, "8");
  auto old = w.client(version);
  auto h2c = upgrade("/", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n");
  h2c.replace(h2c.find("websocket"), 9, "h2c");
  auto two = w.client(h2c);
  REQUIRE(run_until(w.loop, [&] { return post.closed && old.closed && two.closed; }));
  CHECK(post.heard.starts_with("HTTP/1.1 426 "));
  CHECK(old.heard.starts_with("HTTP/1.1 426 "));
  CHECK(old.count("sec-websocket-version: 13\r\n") == 1);
  CHECK(two.heard.starts_with("HTTP/1.1 426 "));
  CHECK(w.handler.log.empty());

  w.handler.upgrade = {.status = 404, .body = "Page not found"};
  auto refused = w.client(upgrade("/nowhere"));
  REQUIRE(run_until(w.loop, [&] { return refused.closed; }));
  CHECK(refused.heard.starts_with("HTTP/1.1 404 "));
  CHECK(refused.heard.ends_with("Page not found"));
}

TEST_CASE("a message beyond the bound ends the connection with 1009", "[net][server]") {
  World w;
  auto client = w.client(upgrade("/") + masked('\x01', std::string(60, 'a')) +
                         masked('\x80', std::string(60, 'b')));
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.count("\x88\x13\x03\xf1message too large"s) == 1);
  CHECK(w.handler.has("close 1006"));
}

TEST_CASE("a close of ours has its code, and does not wait for ever", "[net][server]") {
  World w;
  auto polite = w.client(upgrade("/"));
  auto silent = w.client(upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.peers.size() == 2; }));
  for (auto* peer : std::vector(w.handler.peers)) peer->close(1001, "bye");
  const auto bye = "\x88\x05\x03\xe9"s + "bye";
  REQUIRE(run_until(w.loop,
                    [&] { return polite.heard.ends_with(bye) && silent.heard.ends_with(bye); }));
  polite.stream.write(masked('\x88', "\x03\xe9"));
  REQUIRE(run_until(w.loop, [&] { return polite.closed && silent.closed; }));
  CHECK(w.handler.has("close 1001"));
  CHECK(w.handler.has("close 1006"));
}

TEST_CASE("a reader that sleeps holds bytes back, and gets all of them in order", "[net][server]") {
  World w;
  auto client = w.client(upgrade("/"));
  REQUIRE(run_until(
      w.loop, [&] { return !w.handler.peers.empty() && client.heard.ends_with("\r\n\r\n"); }));
  client.heard.clear();
  auto& peer = *w.handler.peers[0];
  // Frames of 100 numbers until the kernel takes no more; nothing is read in between.
  std::string sent;
  for (int i = 0; !peer.held(); ++i) {
    const auto payload = std::to_string(1'000'000 + i);
    std::string frames;
    for (int n = 0; n < 100; ++n) frames += "\x81\x07" + payload;
    REQUIRE(peer.write_raw(frames));
    sent += frames;
  }
  CHECK(sent.size() < 16'000'000);
  CHECK_FALSE(peer.write_raw("\x81\x01n"));
  CHECK(peer.send("queued"));
  sent += "\x81\x06queued";
  peer.want_writable();
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("writable"); }));
  CHECK_FALSE(peer.held());
  REQUIRE(run_until(w.loop, [&] { return client.heard.size() >= sent.size(); }));
  CHECK((client.heard == sent));
}

TEST_CASE("a taken port has a sentence", "[net][server]") {
  World w;
  try {
    Server second(w.context, {.port = w.server.port()}, w.handler);
    FAIL("two servers on one port");
  } catch (const StartError& error) {
    CHECK(error.fault() == Fault::kIo);
    CHECK(error.what() == "port " + std::to_string(w.server.port()) +
                              " on 127.0.0.1 is taken (Address already in use); choose another "
                              "with --port");
  }
}

TEST_CASE("a server goes while clients are connected", "[net][server]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  auto server = std::make_unique<Server>(context, ServerOptions{}, handler);
  Client socket(loop, server->port(), upgrade("/"));
  Client http(loop, server->port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(loop, [&] { return !handler.peers.empty() && http.heard.ends_with("hello"); }));
  server.reset();
  CHECK(handler.peers.empty());
  REQUIRE(run_until(loop, [&] { return socket.closed && http.closed; }));
}
