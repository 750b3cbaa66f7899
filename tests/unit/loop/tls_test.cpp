#include "diary.hpp"
#include "loop/stream.hpp"
#include "support/raw_server.hpp"
#include "support/run_until.hpp"
#include "support/tls_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <optional>

using namespace std::chrono_literals;
using namespace ltp::loop;

namespace {

TlsOptions trusting(const std::string& client = {}) {
  const auto& all = Certificates::get();
  if (client.empty()) return {.ca_file = all.pem("ca"), .cert_file = {}, .key_file = {}};
  return {.ca_file = all.pem("ca"), .cert_file = all.pem(client), .key_file = all.key(client)};
}

/// What a stream to it says until it is open or closed.
std::string try_to_open(const Target& target, Ms timeout = 10s) {
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  stream.open(target, timeout);
  run_until(loop, [&] { return !diary.story.empty(); });
  return diary.story;
}

std::string lines(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += std::string(1000, char('a' + i % 26)) + "\n";
  return all;
}

}  // namespace

TEST_CASE("a TLS stream opens, talks both ways and is closed", "[tls]") {
  const std::string version = GENERATE("-tls1_2", "-tls1_3");
  const std::string host = GENERATE("localhost", "127.0.0.1");
  CAPTURE(version, host);
  TlsServer server("good", {version});
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  stream.open({.host = host, .port = server.port(), .path = {}, .tls = trusting()}, 10s);
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  CHECK(diary.story == "open ");

  stream.write("stressed\n");
  REQUIRE(run_until(loop, [&] { return diary.data == "desserts\n"; }));
  diary.data.clear();
  stream.write("CLOSE\n");  // ends the connection, as the server's manual tells
  loop.run();               // ends: nothing is left
  CHECK(diary.story == "open closed: closed by the other side ");
}

TEST_CASE("much goes through TLS in order, and what is not taken waits", "[tls]") {
  TlsServer server("good");
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  stream.open({.host = "localhost", .port = server.port(), .path = {}, .tls = trusting()}, 10s);
  REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
  server.freeze();
  const auto all = lines(20'000);
  for (std::size_t at = 0; at < all.size(); at += 100'000) stream.write(all.substr(at, 100'000));
  CHECK(stream.pending() > 10'000'000);
  CHECK(stream.pending() < all.size() * 11 / 10);
  server.thaw();
  REQUIRE(run_until(loop, [&] { return diary.data.size() == all.size(); }));
  CHECK((diary.data == all));  // each line is the same from both ends
  CHECK(stream.pending() == 0);
  CHECK(diary.story == "open drained ");
}

TEST_CASE("a certificate that is not good is told by its fault", "[tls]") {
  struct Case {
    const char* certificate;
    const char* host;
    bool trusted;
    const char* story;
  };
  const auto c = GENERATE(values<Case>({
      {"good", "localhost", true, "open "},
      {"good", "localhost", false,
       "closed: its certificate is not good: unable to get local issuer certificate "},
      {"expired", "localhost", true,
       "closed: its certificate is not good: certificate has expired "},
      {"foreign", "localhost", true,
       "closed: its certificate is not good: it is not for localhost "},
      {"foreign", "127.0.0.1", true,
       "closed: its certificate is not good: it is not for 127.0.0.1 "},
  }));
  INFO(c.certificate << " " << c.host << " " << c.trusted);
  TlsServer server(c.certificate);
  CHECK(try_to_open({.host = c.host,
                     .port = server.port(),
                     .path = {},
                     .tls = c.trusted ? trusting() : TlsOptions{}}) == c.story);
}

TEST_CASE("the environment may name other authorities than the system's", "[tls]") {
  TlsServer server("good");
  setenv("SSL_CERT_FILE", Certificates::get().pem("ca").c_str(), 1);
  const auto story =
      try_to_open({.host = "localhost", .port = server.port(), .path = {}, .tls = TlsOptions{}});
  unsetenv("SSL_CERT_FILE");
  CHECK(story == "open ");
}

TEST_CASE("a server may ask for a certificate of ours", "[tls]") {
  TlsServer server(
      "good", {"-Verify", "1", "-verify_return_error", "-CAfile", Certificates::get().pem("ca")});
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  diary.on_open = [&] { stream.write("abc\n"); };
  const auto open_with = [&](const TlsOptions& tls) {
    stream.open({.host = "localhost", .port = server.port(), .path = {}, .tls = tls}, 10s);
    return run_until(loop, [&] {
      return !diary.data.empty() || diary.story.find("closed") != std::string::npos;
    });
  };
  REQUIRE(open_with(trusting("client")));
  CHECK(diary.data == "cba\n");
  diary = {};
  REQUIRE(open_with(trusting()));
  CHECK(diary.story == "open closed: it refused TLS: tlsv13 alert certificate required ");
}

TEST_CASE("files that cannot be used are named", "[tls]") {
  const auto& all = Certificates::get();
  const TempDir dir;
  const auto empty = dir / "empty";
  std::ofstream{empty};
  struct Case {
    TlsOptions options;
    std::string reason;
  };
  const std::vector<Case> cases{
      {{"/nonexistent/ca", "", ""},
       "cannot use the CA file /nonexistent/ca: No such file or directory"},
      {{empty, "", ""}, "cannot use the CA file " + empty + ": no certificate or crl found"},
      {{"", "/nonexistent/cert", ""},
       "cannot use the certificate /nonexistent/cert: No such file or directory"},
      {{"", all.pem("client"), "/nonexistent/key"},
       "cannot use the key /nonexistent/key: No such file or directory"},
      {{"", all.pem("client"), all.key("good")},
       "cannot use the key " + all.key("good") + ": key values mismatch"},
  };
  RawServer server;
  for (const auto& c : cases) {
    const Target target{.host = "127.0.0.1", .port = server.port(), .path = {}, .tls = c.options};
    CHECK(try_to_open(target) == "closed: " + c.reason + " ");
  }
}

TEST_CASE("a peer that speaks no TLS is named, each in its way", "[tls]") {
  Loop loop;
  Diary diary;
  RawServer server;
  Stream stream(loop, diary.events());
  const auto open_within = [&](Ms timeout) {
    stream.open({.host = "127.0.0.1", .port = server.port(), .path = {}, .tls = trusting()},
                timeout);
    REQUIRE(run_until(loop, [&] { return server.accept(); }));
    REQUIRE(run_until(loop, [&] { return !server.heard().empty(); }));  // our greeting
  };
  SECTION("answers in plain text") {
    const std::string said =
        GENERATE("-ERR unknown command\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n",
                 "SSH-2.0-OpenSSH_9.2\r\n", "+PONG\r\n");
    open_within(10s);
    server.say(said);
    loop.run();
    CHECK(diary.story == "closed: it does not speak TLS ");
  }
  SECTION("hangs up") {
    open_within(10s);
    server.hang_up();
    loop.run();
    CHECK(diary.story == "closed: closed by the other side at the start of TLS ");
  }
  SECTION("says nothing") {
    open_within(200ms);
    loop.run();
    CHECK(diary.story ==
          "closed: no answer within 200 ms to the start of TLS; perhaps it does not speak it ");
  }
}

TEST_CASE("a TLS stream may be closed or destroyed in its callbacks", "[tls]") {
  const std::string where = GENERATE("open", "data", "closed");
  const bool destroy = GENERATE(true, false);
  CAPTURE(where, destroy);
  TlsServer server("good");
  Loop loop;
  Diary diary;
  std::optional<Stream> stream(std::in_place, loop, diary.events());
  const auto end = [&] { destroy ? stream.reset() : stream->close(); };
  diary.on_open = [&] {
    if (where == "open") return end();
    stream->write(where == "data" ? lines(1000) : "CLOSE\n");
  };
  if (where == "data") diary.on_data = end;
  if (where == "closed") diary.on_closed = end;
  stream->open({.host = "localhost", .port = server.port(), .path = {}, .tls = trusting()}, 10s);
  loop.run();  // ends: nothing is left
  CHECK(diary.story == (where == "closed" ? "open closed: closed by the other side " : "open "));
}

TEST_CASE("a TLS stream that was closed may be opened again", "[tls]") {
  TlsServer server("good");
  Loop loop;
  Diary diary;
  Stream stream(loop, diary.events());
  for (int round = 1; round <= 3; ++round) {
    stream.open({.host = "localhost", .port = server.port(), .path = {}, .tls = trusting()}, 10s);
    REQUIRE(run_until(loop, [&] { return stream.is_open(); }));
    stream.write("ab\n");
    REQUIRE(
        run_until(loop, [&] { return diary.data.size() == 3u * static_cast<unsigned>(round); }));
    stream.close();
  }
  loop.run();
  CHECK(diary.story == "open open open ");
}
