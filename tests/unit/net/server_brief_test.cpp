// Requests that the server reads by itself, against libwebsockets' reading of the same bytes.
#include "base/clock.hpp"
#include "net/server.hpp"
#include "server_world.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// What a handler is told of a request, in words.
std::string told(const Request& request) {
  std::string text;
  for (const auto part : {request.method, request.path, request.body, request.host, request.origin,
                          request.content_type, request.accept})
    text.append(part).append("|");
  for (const auto* name : {"keys", "a", "b", ""})
    text.append(query_value(request.query, name).value_or("-")).append("|");
  for (const auto* name : {"x-test", "if-none-match", "authorization", "user-agent", "cookie"})
    text.append(request.header(name)).append("|");
  return text + request.peer;
}

/// Requests as clients may send them, with oddities in some.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string request() {
    const auto method = pick({"GET", "GET", "HEAD", "POST", "OPTIONS"});
    auto text = method + " " + pick({"/", "/api/v1/current_prices", "/a-b_c.d~e/", "/a/b"});
    if (chance(70)) text += "?" + query();
    text += pick({" HTTP/1.1\r\n", " HTTP/1.1\r\n", " HTTP/1.0\r\n"}) + "Host: h:1\r\n";
    for (const auto* header :
         {"Accept: */*\r\n", "accept:text/html , a/b\r\n", "Origin: http://o.example\r\n",
          "Content-Type: application/json\r\n", "Authorization: Bearer x.y.z\r\n",
          "If-None-Match: W/\"1\", \"2\"\r\n", "User-Agent: a/1 (b; c)\r\n", "COOKIE: a=b; c=d\r\n",
          "X-Test:  two words\r\n", "X-Other: \xc3\xa4\r\n", "X-Empty:\r\n",
          "Connection: close\r\n", "Connection: keep-alive\r\n"})
      if (text.find(std::string(header).substr(0, 6)) == text.npos && chance(30)) text += header;
    const auto body = method == "POST" || chance(10) ? pick({"", "{}", "keys=NSE_EQ:1"}) : "";
    if (method == "POST" || !body.empty())
      text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
  }

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }
  std::string query() {
    std::string text;
    for (auto n = 1 + random_() % 4; n > 0; --n) {
      text += pick({"keys=", "a=", "b=", "a", "=", "", "%61=", "keys=NSE_EQ:1,"});
      for (auto m = random_() % 4; m > 0; --m)
        text += pick({"NSE_EQ:1", ",", "%3A", "+", "%2C", "%20", "=", "a;b", "%26", "\"", "{}", "|",
                      "%C3%A4", "%2525"});
      text += "&";
    }
    return text;
  }

  std::mt19937 random_;
};

struct Ear {
  Handler handler;
  std::vector<std::string> heard;
  explicit Ear(bool brief) {
    handler.brief = brief;
    handler.look = [this](const Request& request) { heard.push_back(told(request)); };
  }
};

}  // namespace

TEST_CASE("a brief request is read as libwebsockets reads it", "[net][server][brief]") {
  loop::Loop loop;
  Context context(loop);
  Ear ours(true), theirs(false);
  const ServerOptions options{.server_header = "test/1", .headers = {{"x-always", "yes"}}};
  Server brief(context, options, ours.handler);
  Server whole(context, options, theirs.handler);
  const auto seed = std::random_device{}();
  Writer writer(seed);
  for (int i = 0; i < 300; ++i) {
    const auto request = writer.request();
    INFO("seed " << seed << ", request " << i << ":\n" << request);
    Client one(loop, brief.port(), request);
    Client two(loop, whole.port(), request);
    const auto answered = [](const Client& client) {
      return client.closed || client.heard.ends_with("hello") || client.heard.ends_with("\r\n\r\n");
    };
    REQUIRE(run_until(loop, [&] { return answered(one) && answered(two); }));
    CHECK(one.heard.substr(0, 17) == "HTTP/1.1 200 OK\r\n");
    CHECK(without_date(one.heard) == without_date(two.heard));
    REQUIRE(ours.heard == theirs.heard);
    ours.heard.clear();
    theirs.heard.clear();
  }
}

TEST_CASE("an escape that is none stands for itself in a brief request", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  auto client = w.client(get("/q?a=100%&b=%zz&%"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("hello"); }));
  CHECK(w.handler.log.back() == "GET /q?a=100%&b=%zz&%  ");
}

TEST_CASE("a connection goes over to libwebsockets with what it needs that for",
          "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  struct Case {
    const char* why;
    std::string bytes;
    std::string end;
  };
  const auto c = GENERATE(values<Case>({
      {"an upgrade", upgrade("/ws"), "\r\n\r\n"},
      {"an upgrade to something else", get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
       "only websocket is spoken here"},
      {"a body in chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "Length"},
      {"an expectation", "POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
       "HTTP/1.1 100 Continue\r\n\r\n"},
      {"a path to decode", get("/a%20b"), "hello"},
  }));
  INFO(c.why);
  const bool in_one_packet = GENERATE(true, false);
  auto client = w.client(get("/1") + (in_one_packet ? c.bytes : ""));
  REQUIRE(run_until(w.loop, [&] { return client.count("hello") >= 1; }));
  if (!in_one_packet) client.stream.write(c.bytes);
  const auto second = client.heard.find("hello") + 5;
  REQUIRE(run_until(w.loop,
                    [&] { return client.heard.size() > second && client.heard.ends_with(c.end); }));
  CHECK(w.handler.log[0] == "GET /1?  ");
}

TEST_CASE("what nobody may take is refused, and was the last", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  const auto head = GENERATE(values<std::string>(
      {"GET /2 HTTP/1.1\r\n", "GET /2 HTTP/1.1\r\nHost: h\r\nContent-Length : 40\r\n",
       "GET /2 HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n"}));
  INFO(head);
  auto client = w.client(get("/1") + head + "\r\n" + get("/smuggled"));
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.count("HTTP/1.1 200") == 1);
  CHECK(client.count("HTTP/1.1 400") == 1);
  CHECK(w.handler.log == std::vector<std::string>{"GET /1?  "});
}

TEST_CASE("a request that comes in pieces is as brief as any", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  // Only we ourselves let an escape that is none pass.
  const auto first = "POST /q?a=%zz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"s;
  for (std::size_t size = 1; size < first.size(); ++size) {
    INFO(size);
    auto client = w.client(first.substr(0, size));
    run_until(w.loop, [] { return false; }, loop::Ms{4});
    CHECK(client.heard.empty());
    client.stream.write(first.substr(size));
    REQUIRE(run_until(w.loop, [&] { return client.count("hello") == 1; }));
    CHECK(w.handler.log.back() == "POST /q?a=%zz abc ");
    client.stream.write(get("/2"));  // shorter than what was waited for
    REQUIRE(run_until(w.loop, [&] { return client.count("hello") == 2; }));
  }
  const auto large = "GET /?" + std::string(20'000, 'k') + "=%zz HTTP/1.1\r\nHost: h\r\n\r\n";
  auto client = w.client(large.substr(0, 1400));
  for (std::size_t at = 1400; at < large.size(); at += 1400) {
    run_until(w.loop, [] { return false; }, loop::Ms{2});
    client.stream.write(large.substr(at, 1400));
  }
  REQUIRE(run_until(w.loop, [&] { return client.count("hello") == 1; }));
  CHECK(turns_per_ms(w.loop, loop::Ms{100}) < kQuiet);
}

TEST_CASE("a request that does not come to its end keeps nobody busy, and has a limit",
          "[net][server][brief]") {
  loop::Loop loop;
  Context context(loop);
  Handler handler;
  handler.brief = true;
  Server server(context, {.keep_alive = loop::Ms{600}}, handler);
  Client part(loop, server.port(), "GET /1 HTTP/1.1\r\nHo");
  Client body(loop, server.port(), "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab");
  Sleeper ended(server.port());
  ended.say("GET /3 HTTP/1.1\r\nHo");
  ended.say_no_more();
  run_until(loop, [] { return false; }, loop::Ms{50});
  CHECK(turns_per_ms(loop, loop::Ms{200}) < kQuiet);
  REQUIRE(run_until(loop, [&] { return part.closed && body.closed; }));
  CHECK(handler.log.empty());
}

TEST_CASE("line ends before a request are passed over", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  auto client = w.client("\r\n\r\n" + get("/1") + "\r\n" + get("/2") + "\r\n");
  REQUIRE(run_until(w.loop, [&] { return client.count("hello") == 2; }));
  client.stream.write(get("/3"));
  REQUIRE(run_until(w.loop, [&] { return client.count("hello") == 3; }));
}

TEST_CASE("a server that is leaving answers, and ends the connection", "[net][server][brief]") {
  World w;
  w.handler.answer_later = true;
  auto client = w.client(get("/1"));
  REQUIRE(run_until(w.loop, [&] { return !w.handler.waiting.empty(); }));
  CHECK(w.server.unanswered() == 1);
  w.server.stop_accepting();
  w.handler.waiting[0].send({.body = "late"});
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.count("late") == 1);
  CHECK(client.count("connection: close") == 1);
  CHECK(w.server.unanswered() == 0);
}

TEST_CASE("who says that he has said all gets his answer, and the end", "[net][server][brief]") {
  World w;
  w.handler.answer_later = GENERATE(false, true);
  Sleeper client(w.server.port());
  client.say(get("/1"));
  client.say_no_more();
  REQUIRE(run_until(w.loop, [&] { return w.handler.log.size() == 1; }));
  if (w.handler.answer_later) {
    CHECK(turns_per_ms(w.loop, 50ms) < kQuiet);
    std::exchange(w.handler.waiting, {})[0].send(w.handler.response);
  }
  CHECK(client.read_to_end(w.loop).ends_with("hello"));
}

TEST_CASE("who breaks the connection while he waits is told of as gone", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  w.handler.answer_later = true;
  {
    Sleeper client(w.server.port());
    client.say(get("/1"));
    REQUIRE(run_until(w.loop, [&] { return w.handler.waiting.size() == 1; }));
    CHECK_FALSE(w.handler.waiting[0].gone());
    client.break_off();
  }
  REQUIRE(run_until(w.loop, [&] { return w.handler.waiting[0].gone(); }));
  w.handler.waiting[0].send(w.handler.response);
}

TEST_CASE("the last answer arrives though more had been said", "[net][server][brief]") {
  World w;
  if (!w.handler.brief) return;
  w.handler.response.body = std::string(2'000'000, 'x') + "end";
  auto client = w.client(get("/1", "Connection: close\r\n") + std::string(30'000, 'y'));
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.count("connection: close\r\n") == 1);
  CHECK(client.heard.ends_with("end"));
}
