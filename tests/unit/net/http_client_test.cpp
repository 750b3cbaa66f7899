#include "net/http_client.hpp"

#include "base/fault.hpp"
#include "http_asker.hpp"
#include "loop/stream.hpp"
#include "server_world.hpp"
#include "support/raw_server.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

using Kind = HttpFault::Kind;

namespace {

/// A raw server, and a client that asks it once.
struct RawWorld {
  loop::Loop loop;
  RawServer server;
  Asker asker{loop};

  void ask(loop::Ms timeout = loop::Ms{5000}) {
    asker.client->ask(request(server.port()), timeout, asker.done(), asker.part());
    REQUIRE(run_until(loop, [&] {
      if (!server.connected()) server.accept();
      return server.connected() && server.heard().ends_with("\r\n\r\n");
    }));
  }
  void until_told() {
    REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  }
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_CASE("a request goes out whole and its answer comes back whole", "[net][http]") {
  loop::Loop loop;
  RawServer server;
  Asker asker(loop);
  auto post = request(server.port(), "/v2/marketfeed/ltp");
  post.method = "POST";
  post.headers.emplace_back("Content-Type", "application/json");
  post.body = R"({"NSE_EQ":[1333]})";
  const auto port = std::to_string(server.port());
  asker.client->ask(post, loop::Ms{5000}, asker.done());
  CHECK(asker.client->busy());
  REQUIRE(run_until(loop, [&] {
    if (!server.connected()) server.accept();
    return server.connected() && server.heard().ends_with("}");
  }));
  CHECK(server.heard() == "POST /v2/marketfeed/ltp HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                              "\r\nConnection: close\r\nAccept-Encoding: identity\r\n"
                              "Content-Length: 17\r\naccess-token: canary\r\n"
                              "Content-Type: application/json\r\n\r\n{\"NSE_EQ\":[1333]}");
  server.say("HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 5\r\n\r\nlater");
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.answer().status == 429);
  CHECK(asker.answer().body == "later");
  CHECK(asker.answer().header("retry-after") == "3");
  CHECK_FALSE(asker.client->busy());
  REQUIRE(run_until(loop, [&] { return server.ended(); }));  // one connection a request
}

TEST_CASE("our own server answers, and again, and from inside the answer", "[net][http]") {
  World w;
  HttpClient client(w.loop);
  std::vector<std::string> got;
  const auto ask = [&](HttpClient::Done done) {
    client.ask(request(w.server.port(), "/x?a=b"), loop::Ms{5000}, std::move(done));
  };
  ask([&](auto first) {
    got.push_back(first.value().body);
    ask([&](auto second) { got.push_back(second.value().body); });
  });
  REQUIRE(run_until(w.loop, [&] { return got.size() == 2; }));
  CHECK(got == std::vector<std::string>{"hello", "hello"});
  CHECK(w.handler.log == std::vector<std::string>{"GET /x?a=b  ", "GET /x?a=b  "});
}

TEST_CASE("a large body is streamed, bounded, and costs no memory", "[net][http]") {
  World w;
  w.handler.response.body = std::string(30'000'000, 'x');
  Asker asker(w.loop);
  std::size_t size = 0;
  std::size_t largest = 0;
  auto wanted = request(w.server.port());
  wanted.max_body = 30'000'000;
  asker.client->ask(wanted, loop::Ms{20'000}, asker.done(), [&](std::string_view part) {
    size += part.size();
    largest = std::max(largest, part.size());
  });
  REQUIRE(run_until(w.loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.answer().status == 200);
  CHECK(asker.answer().body.empty());
  CHECK(size == 30'000'000);
  CHECK(largest <= 1'000'000);

  asker.told.clear();
  wanted.max_body = 29'999'999;
  asker.client->ask(wanted, loop::Ms{20'000}, asker.done(), asker.part());
  REQUIRE(run_until(w.loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kTooLarge);
  CHECK(asker.parts.empty());  // its length told it at once
}

TEST_CASE("with parts wanted, only a 200 is streamed", "[net][http]") {
  World w;
  w.handler.response = {.status = 503, .content_type = "text/html", .body = "<html>"};
  Asker asker(w.loop);
  asker.client->ask(request(w.server.port()), loop::Ms{5000}, asker.done(), asker.part());
  REQUIRE(run_until(w.loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.answer().body == "<html>");
  CHECK(asker.answer().header("content-type") == "text/html");
  CHECK(asker.parts.empty());

  asker.told.clear();
  w.handler.response.body = std::string((1 << 20) + 1, 'x');
  auto wanted = request(w.server.port());
  wanted.max_body = 40'000'000;
  asker.client->ask(wanted, loop::Ms{5000}, asker.done(), asker.part());
  REQUIRE(run_until(w.loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kTooLarge);
}

TEST_CASE("a redirect is an answer; nothing goes to where it points", "[net][http]") {
  RawWorld w;
  RawServer elsewhere;
  const auto there = "http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/";
  w.ask();
  w.server.say("HTTP/1.1 302 Found\r\nLocation: " + there + "\r\nContent-Length: 0\r\n\r\n");
  w.until_told();
  CHECK(w.asker.answer().status == 302);
  CHECK(w.asker.answer().header("location") == there);
  CHECK_FALSE(elsewhere.accept());
}

TEST_CASE("an answer may come byte by byte, but not for ever", "[net][http]") {
  RawWorld w;
  w.ask();
  std::string rest = kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  REQUIRE(run_until(w.loop, [&] {
    if (!rest.empty()) w.server.say(rest.substr(0, 1));
    if (!rest.empty()) rest.erase(0, 1);
    return !w.asker.told.empty();
  }));
  CHECK(w.asker.answer().status == 200);
  CHECK(w.asker.parts == "hello");

  RawWorld slow;
  slow.ask(loop::Ms{200});
  slow.server.say(kOk + "Content-Length: 1000000\r\n\r\n");
  REQUIRE(run_until(slow.loop, [&] {
    if (slow.asker.told.empty()) slow.server.say("x");
    return !slow.asker.told.empty();
  }));
  CHECK(slow.asker.fault().kind == Kind::kTimeout);
  CHECK(slow.asker.fault().text == "no answer within 200 ms");
}

TEST_CASE("a connection that breaks is told from one that ends", "[net][http]") {
  struct Case {
    const char* why;
    std::string said;
    bool reset;
    std::optional<Kind> fault;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing said", "", false, Kind::kLost},
      {"nothing said, reset", "", true, Kind::kLost},
      {"all said", "\r\nhello", false, {}},
      {"who knows whether all is said", "\r\nhello", true, Kind::kLost},
      {"not all said", "Content-Length: 6\r\n\r\nhello", false, Kind::kLost},
      {"an empty line first", "\r\n\r\nhello", false, {}},
      {"a chunk missing", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false, Kind::kLost},
  }));
  INFO(c.why);
  RawWorld w;
  w.ask();
  if (!c.said.empty()) w.server.say(kOk + c.said);
  // A reset overtakes what has not been read.
  const bool streams = c.said.find("hello") != std::string::npos;
  if (streams) {
    REQUIRE(run_until(w.loop, [&] { return w.asker.parts.ends_with("hello"); }));
  }
  c.reset ? w.server.reset() : w.server.hang_up();
  w.until_told();
  if (c.fault) {
    CHECK(w.asker.fault().kind == *c.fault);
  } else {
    CHECK(w.asker.answer().status == 200);
  }
}

TEST_CASE("what does not answer as HTTP does is told at once", "[net][http]") {
  RawWorld w;
  w.ask();
  w.server.say("220 mail.example ESMTP");  // and waits for us
  w.until_told();
  CHECK(w.asker.fault().kind == Kind::kProtocol);
}

TEST_CASE("unknown, refusing and silent servers each have their word", "[net][http]") {
  loop::Loop loop;
  Asker asker(loop);
  auto nowhere = request(80);
  nowhere.host = "no-such-host.invalid";
  asker.client->ask(nowhere, loop::Ms{5000}, asker.done());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kResolve);
  CHECK(asker.fault().text.starts_with("the name no-such-host.invalid has no address: "));

  asker.told.clear();
  std::optional<RawServer> gone(std::in_place);
  auto refused = request(gone->port());
  refused.host = "localhost";
  gone.reset();
  asker.client->ask(refused, loop::Ms{5000}, asker.done());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kConnect);
  CHECK(asker.fault().text.starts_with("no connection (127.0.0.1: Connection refused; ::1: "));

  asker.told.clear();
  const RawServer silent;
  asker.client->ask(request(silent.port()), loop::Ms{100}, asker.done());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kTimeout);
}

TEST_CASE("every address is tried", "[net][http]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  std::optional<Server> v6;
  try {
    v6.emplace(context, ServerOptions{.address = "::1"}, handler);
  } catch (const StartError&) {
    WARN("no IPv6 on this machine: not tested");
    return;
  }
  std::vector<std::string> hosts;
  handler.look = [&](const Request& asked) { hosts.emplace_back(asked.host); };
  for (const auto* host : {"localhost", "::1"}) {  // 127.0.0.1 refuses
    Asker asker(loop);
    auto wanted = request(v6->port());
    wanted.host = host;
    asker.client->ask(wanted, loop::Ms{5000}, asker.done());
    REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
    CHECK(asker.answer().body == "hello");
  }
  const auto port = ":" + std::to_string(v6->port());
  CHECK(hosts == std::vector<std::string>{"localhost" + port, "[::1]" + port});
}

TEST_CASE("a request that would be read as another is not sent", "[net][http]") {
  struct Case {
    const char* why;
    void (*spoil)(HttpRequest&);
  };
  const auto c = GENERATE(values<Case>({
      {"a token with its line end", [](HttpRequest& r) { r.headers[0].second = "canary\n"; }},
      {"a header's name", [](HttpRequest& r) { r.headers[0].first = "a: b\r\nc"; }},
      {"a blank in the path", [](HttpRequest& r) { r.resource = "/a HTTP/1.1"; }},
      {"no path", [](HttpRequest& r) { r.resource = "a"; }},
      {"a method", [](HttpRequest& r) { r.method = ""; }},
      {"a host", [](HttpRequest& r) { r.host = "h\r\nx: y"; }},
  }));
  INFO(c.why);
  loop::Loop loop;
  RawServer server;
  Asker asker(loop);
  auto bad = request(server.port());
  c.spoil(bad);
  asker.client->ask(bad, loop::Ms{5000}, asker.done());
  CHECK(asker.told.empty());
  REQUIRE(run_until(loop, [&] { return !asker.told.empty(); }));
  CHECK(asker.fault().kind == Kind::kProtocol);
  CHECK_FALSE(server.accept());
}

TEST_CASE("it may be cancelled or destroyed at any moment", "[net][http]") {
  const bool destroy = GENERATE(false, true);
  INFO(destroy);
  RawWorld w;
  auto& client = w.asker.client;
  const auto let_go = [&] { destroy ? client.reset() : client->cancel(); };
  const auto again = [&] {
    if (destroy) client.emplace(w.loop);
    CHECK_FALSE(client->busy());
  };

  client->ask(request(w.server.port()), loop::Ms{5000}, w.asker.done());
  let_go();  // before anything
  again();
  auto bad = request(w.server.port(), "bad");
  client->ask(bad, loop::Ms{5000}, w.asker.done());
  let_go();  // before the refusal
  again();
  w.ask();
  let_go();  // waiting
  REQUIRE(run_until(w.loop, [&] { return w.server.ended(); }));
  again();
  w.server.hang_up();

  // Inside a part, with more to come.
  client->ask(request(w.server.port()), loop::Ms{5000}, w.asker.done(),
              [&](std::string_view) { let_go(); });
  REQUIRE(run_until(w.loop, [&] { return w.server.accept(); }));
  w.server.say(kOk + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return w.server.ended(); }));
  CHECK(w.asker.told.empty());
  again();

  // Inside the answer.
  int done = 0;
  client->ask(request(w.server.port()), loop::Ms{5000}, [&](auto) {
    ++done;
    let_go();
  });
  REQUIRE(run_until(w.loop, [&] { return w.server.accept(); }));
  w.server.say(kOk + "Content-Length: 0\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return done == 1; }));
  again();
}
