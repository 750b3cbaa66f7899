#include "descriptors.hpp"
#include "diary.hpp"
#include "loop/stream.hpp"
#include "support/raw_server.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <list>
#include <optional>

using namespace std::chrono_literals;
using namespace ltp::loop;
using ltp::UniqueFd;

TEST_CASE("a TCP stream opens, talks both ways and is closed", "[stream]") {
  const std::string host = GENERATE("127.0.0.1", "localhost");
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  stream.open({.host = host, .port = server.port()}, 5s);
  CHECK(diary.story.empty());
  CHECK_FALSE(stream.is_open());
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));

  stream.write("ping");
  CHECK(stream.pending() == 0);
  REQUIRE(run_until(loop, [&] { return server.heard() == "ping"; }));
  server.say("pong");
  REQUIRE(run_until(loop, [&] { return diary.data == "pong"; }));
  server.hang_up();
  loop.run();  // ends: nothing is left
  CHECK(diary.story == "open closed: closed by the other side ");
  CHECK_FALSE(stream.is_open());
}

TEST_CASE("a unix stream opens, talks and is closed", "[stream]") {
  Loop loop;
  Diary diary;
  TempDir dir;
  const auto listener = listen_on(dir / "socket");
  Stream stream(loop, diary.events());
  stream.open({.path = dir / "socket"}, 5s);
  CHECK(diary.story.empty());
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  UniqueFd peer(accept(listener.get(), nullptr, nullptr));
  REQUIRE(peer);
  stream.write("ping");
  CHECK(take(peer) == "ping");
  put(peer, "pong");
  peer.reset();
  loop.run();
  CHECK(diary.data == "pong");
  CHECK(diary.story == "open closed: closed by the other side ");
}

TEST_CASE("what cannot be opened is closed with the system's words, once", "[stream]") {
  const auto nobody_listens = [] {
    RawServer server;
    return server.port();
  };
  struct Case {
    const char* why;
    Target target;
    const char* story;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"no server", {.host = "127.0.0.1", .port = nobody_listens()}, "closed: Connection refused "},
      {"no server on any address of the host",
       {.host = "localhost", .port = nobody_listens()},
       "closed: Connection refused "},
      {"no socket", {.path = "/nonexistent/socket"}, "closed: No such file or directory "},
      {"a path too long", {.path = std::string(200, 'x')}, "closed: File name too long "},
      {"a path with a NUL", {.path = std::string("a\0b", 3)}, "closed: File name too long "},
      {"no name", {.host = "", .port = 1}, "closed: Name or service not known "},
  }));
  INFO(c.why);
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  stream.open(c.target, 5s);
  CHECK(diary.story.empty());  // never from inside open
  loop.run();
  CHECK(diary.story == c.story);
}

TEST_CASE("a server that does not answer is given up in time", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server(0);
  // Nobody accepts: when the queue is full the system leaves further calls unanswered.
  std::list<Stream> fillers;
  Diary ignored;
  for (int i = 0; i < 8; ++i) {
    fillers.emplace_back(loop, ignored.events())
        .open({.host = "127.0.0.1", .port = server.port()}, 20s);
  }
  CHECK_FALSE(run_until(
      loop, [] { return false; }, 50ms));
  Stream stream(loop, diary.events());
  stream.open({.host = "127.0.0.1", .port = server.port()}, 100ms);
  REQUIRE(run_until(loop, [&] { return !diary.story.empty(); }));
  CHECK(diary.story == "closed: no answer within 100 ms ");
}

TEST_CASE("a connection that breaks is closed with the system's words", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  stream.open({.host = "127.0.0.1", .port = server.port()}, 5s);
  REQUIRE(run_until(loop, [&] { return server.accept() || server.connected(); }));
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  server.reset();
  loop.run();
  CHECK(diary.story == "open closed: Connection reset by peer ");
}

TEST_CASE("last words are heard although the peer takes nothing any more", "[stream]") {
  Loop loop;
  Diary diary;
  TempDir dir;
  const auto listener = listen_on(dir / "socket");
  Stream stream(loop, diary.events());
  stream.open({.path = dir / "socket"}, 5s);
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  UniqueFd peer(accept(listener.get(), nullptr, nullptr));
  put(peer, "-ERR max number of clients reached\r\n");
  peer.reset();
  stream.write("hello");
  stream.write("hello again");
  CHECK(diary.story == "open ");  // no event from inside write
  loop.run();
  CHECK(diary.data == "-ERR max number of clients reached\r\n");
  CHECK(diary.story == "open closed: closed by the other side ");
}

TEST_CASE("what the system does not take waits, in order", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  stream.open({.host = "127.0.0.1", .port = server.port()}, 5s);
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));

  std::string all;
  for (int i = 0; i < 200; ++i) {
    const std::string part(std::size_t{100} << 10, static_cast<char>('a' + i % 26));
    stream.write(part);
    all += part;
  }
  CHECK(stream.pending() > 0);
  CHECK(stream.pending() < all.size());
  REQUIRE(run_until(loop, [&] { return server.heard().size() == all.size(); }));
  CHECK((server.heard() == all));
  CHECK(stream.pending() == 0);
  CHECK(diary.story == "open drained ");
}

TEST_CASE("what waits goes with the next write that finds room", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  stream.open({.host = "127.0.0.1", .port = server.port()}, 5s);
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));

  const std::string part(std::size_t{100} << 10, 'x');
  std::size_t given = 0;
  for (; stream.pending() == 0; given += part.size()) stream.write(part);
  // The peer reads on in between; no turn of the loop tells us.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (stream.pending() > 0 && std::chrono::steady_clock::now() < deadline) {
    server.heard();
    stream.write("y");
    ++given;
  }
  CHECK(stream.pending() == 0);
  CHECK(diary.story == "open ");  // no event from inside write
  REQUIRE(run_until(loop, [&] { return diary.story == "open drained "; }));
  REQUIRE(run_until(loop, [&] { return server.heard().size() == given; }));
}

TEST_CASE("close is silent and at once", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  stream.open({.host = "127.0.0.1", .port = server.port()}, 5s);

  SECTION("while it opens") {
    stream.close();
    loop.run();
    CHECK(diary.story.empty());
  }
  SECTION("while it opens a unix socket") {
    stream.open({.path = "/nonexistent/socket"}, 5s);
    stream.close();
    loop.run();
    CHECK(diary.story.empty());
  }
  SECTION("while it is open") {
    REQUIRE(run_until(loop, [&] { return stream.is_open() && server.accept(); }));
    server.say("too late");
    stream.close();
    CHECK_FALSE(stream.is_open());
    loop.run();
    CHECK(diary.data.empty());
    CHECK(diary.story == "open ");
    CHECK(server.ended());
  }
  SECTION("from inside on_data, though more has come") {
    diary.on_data = [&] { stream.close(); };
    REQUIRE(run_until(loop, [&] { return stream.is_open() && server.accept(); }));
    server.say(std::string(std::size_t{400} << 10, 'x'));
    server.hang_up();
    loop.run();
    CHECK(diary.story == "open ");
    CHECK(diary.data.size() <= std::size_t{256} << 10);
  }
}

TEST_CASE("close from inside on_drained is silent though something has come", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, {.on_open = [] {},
                       .on_data = [&](std::string_view) { diary.story += "data "; },
                       .on_closed = [&](const std::string& why) { diary.story += why; },
                       .on_drained =
                           [&] {
                             diary.story += "drained ";
                             stream.close();
                           }});
  stream.open({.host = "127.0.0.1", .port = server.port()}, 5s);
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  // Not run while it is filled and emptied: both ends become ready in one turn.
  std::size_t sent = 0;
  const std::string part(std::size_t{100} << 10, 'x');
  for (; stream.pending() == 0; sent += part.size()) stream.write(part);
  server.say("answer");
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (server.heard().size() + stream.pending() < sent) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
  }
  loop.run();
  CHECK(diary.story == "drained ");
}

TEST_CASE("it may be opened again from inside on_closed", "[stream]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  const Target target{.host = "127.0.0.1", .port = server.port()};
  diary.on_closed = [&] { stream.open(target, 5s); };
  stream.open(target, 5s);
  for (int round = 1; round <= 3; ++round) {
    REQUIRE(run_until(loop, [&] { return server.accept(); }));
    REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
    server.say("x");
    REQUIRE(run_until(loop, [&] { return diary.data.size() == static_cast<std::size_t>(round); }));
    server.hang_up();
    REQUIRE(run_until(loop, [&] { return !stream.is_open(); }));
  }
}

TEST_CASE("a stream may be destroyed in its callbacks", "[stream]") {
  const std::string where = GENERATE("open", "data", "closed");
  INFO(where);
  Loop loop;
  Diary diary;
  RawServer server;
  std::optional<Stream> stream(std::in_place, loop, diary.events());
  const auto end = [&] { stream.reset(); };
  if (where == "open") diary.on_open = end;
  if (where == "data") diary.on_data = end;
  if (where == "closed") diary.on_closed = end;
  stream->open({.host = "127.0.0.1", .port = server.port()}, 5s);
  REQUIRE(run_until(loop, [&] { return server.accept(); }));
  server.say("some");
  server.hang_up();
  loop.run();
  CHECK_FALSE(stream);
  CHECK(diary.story == (where == "closed" ? "open closed: closed by the other side " : "open "));
}
