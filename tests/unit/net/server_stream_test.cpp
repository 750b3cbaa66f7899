// Answers that go on: what server-sent events and NDJSON over HTTP stand on.
#include "server_world.hpp"

using namespace std::chrono_literals;

namespace {

/// Streams an answer to every GET.
struct Streamer : Handler {
  std::vector<StreamPeer*> streams;
  int writable = 0;
  int closed = 0;

  void on_request(const Request& request, Responder respond) override {
    look_at(request);
    auto* stream = respond.stream({.content_type = "text/event-stream", .body = "begin\n"});
    if (stream != nullptr) streams.push_back(stream);
  }
  void look_at(const Request& request) { log.push_back(std::string(request.method)); }
  void on_stream_writable(StreamPeer&) override { ++writable; }
  void on_stream_close(StreamPeer& stream) override {
    ++closed;
    std::erase(streams, &stream);
  }
};

struct StreamWorld {
  loop::Loop loop;
  Context context{loop};
  Streamer handler;
  Server server{context, {.headers = {{"x-always", "yes"}}}, handler};
};

}  // namespace

TEST_CASE("a streamed answer has a head without a length, and goes on until its end",
          "[net][server][stream]") {
  StreamWorld w;
  Client client(w.loop, w.server.port(), get("/"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("begin\n"); }));
  CHECK(without_date(client.heard) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-always: yes\r\n"
        "connection: close\r\n\r\nbegin\n");
  REQUIRE(w.handler.streams.size() == 1);
  auto& stream = *w.handler.streams[0];
  CHECK(stream.peer() == "127.0.0.1");
  CHECK(stream.write_raw("one\n"));
  CHECK(stream.write_raw("two\n"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("one\ntwo\n"); }));
  CHECK_FALSE(client.closed);
  stream.end();
  CHECK_FALSE(stream.write_raw("three\n"));
  REQUIRE(run_until(w.loop, [&] { return client.closed && w.handler.closed == 1; }));
  CHECK(client.heard.ends_with("two\n"));
}

TEST_CASE("HEAD gets the head of a stream and no more", "[net][server][stream]") {
  StreamWorld w;
  Client client(w.loop, w.server.port(), "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(run_until(w.loop, [&] { return client.closed; }));
  CHECK(client.heard.ends_with("connection: close\r\n\r\n"));
  CHECK(w.handler.streams.empty());
  CHECK(w.handler.closed == 0);
}

TEST_CASE("a stream that nobody reads holds bytes back, and costs nothing",
          "[net][server][stream]") {
  StreamWorld w;
  Sleeper sleeper(w.server.port());
  sleeper.say(get("/"));
  REQUIRE(run_until(w.loop, [&] { return !w.handler.streams.empty(); }));
  auto& stream = *w.handler.streams[0];
  const std::string line(1000, 'x');
  std::string sent = "begin\n";
  REQUIRE(run_until(w.loop, [&] { return !stream.held(); }));
  // The kernel takes more after a while, and then no more.
  do {
    while (!stream.held()) {
      REQUIRE(stream.write_raw(line));
      sent += line;
    }
    turns_per_ms(w.loop, 500ms);
  } while (!stream.held());
  CHECK(sent.size() < 16'000'000);
  CHECK_FALSE(stream.write_raw("lost"));
  stream.want_writable();
  CHECK(turns_per_ms(w.loop, 300ms) < kQuiet);
  CHECK(w.handler.writable == 0);

  std::string heard;
  REQUIRE(run_until(w.loop, [&] {
    char some[65536];
    ssize_t got = 0;
    while ((got = recv(sleeper.fd.get(), some, sizeof some, MSG_DONTWAIT)) > 0)
      heard.append(some, static_cast<std::size_t>(got));
    return w.handler.writable == 1 && heard.size() >= sent.size();
  }));
  CHECK_FALSE(stream.held());
  CHECK((heard.substr(heard.find("begin")) == sent));
  CHECK(stream.write_raw("after"));
  CHECK(turns_per_ms(w.loop, 300ms) < kQuiet);
}

TEST_CASE("who leaves a quiet stream, or says more, is gone within a second or two",
          "[net][server][stream]") {
  StreamWorld w;
  Sleeper leaver(w.server.port());
  Sleeper more(w.server.port());
  Client stays(w.loop, w.server.port(), get("/"));
  leaver.say(get("/"));
  more.say(get("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.streams.size() == 3; }));
  more.say(get("/2"));
  leaver.say_no_more();
  REQUIRE(run_until(w.loop, [&] { return w.handler.closed == 2; }));
  CHECK(w.handler.streams.size() == 1);
  CHECK(w.handler.log.size() == 3);
  CHECK(turns_per_ms(w.loop, 300ms) < kQuiet);
  CHECK_FALSE(stays.closed);
}

TEST_CASE("a stream that takes nothing is ended all the same", "[net][server][stream]") {
  StreamWorld w;
  Sleeper sleeper(w.server.port());
  sleeper.say(get("/"));
  REQUIRE(run_until(w.loop,
                    [&] { return !w.handler.streams.empty() && !w.handler.streams[0]->held(); }));
  auto& stream = *w.handler.streams[0];
  const std::string block(100'000, 'x');
  while (!stream.held()) stream.write_raw(block);
  stream.end();
  REQUIRE(run_until(w.loop, [&] { return w.handler.closed == 1; }));
  CHECK(w.handler.streams.empty());
}
