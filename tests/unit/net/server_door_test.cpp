// Where a server listens, whom it lets in, and with which certificate.
#include "server_world.hpp"
#include "support/certificates.hpp"
#include "support/temp_dir.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>

using namespace std::chrono_literals;

namespace {

struct DoorWorld {
  loop::Loop loop;
  Context context{loop};
  Handler handler;
};

/// A client as Client, but of anything that Stream can open.
struct Caller {
  std::string heard, why;
  bool closed = false;
  loop::Stream stream;
  Caller(loop::Loop& loop, const loop::Target& target, std::string bytes)
      : stream(loop, {.on_open = [this, bytes] { stream.write(bytes); },
                      .on_data = [this](std::string_view data) { heard.append(data); },
                      .on_closed =
                          [this](const std::string& reason) {
                            why = reason;
                            closed = true;
                          },
                      .on_drained = {}}) {
    stream.open(target, loop::Ms{5000});
  }
};

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

TEST_CASE("a server listens on several sockets at once", "[net][server][door]") {
  DoorWorld w;
  w.handler.brief = GENERATE(true, false);
  TempDir dir;
  std::vector<loop::Listener> listeners;
  listeners.push_back(loop::listen_tcp("127.0.0.1", 0));
  listeners.push_back(loop::listen_unix(dir / "s", 0600));
  Server server(w.context, {}, w.handler, std::move(listeners));
  CHECK(server.labels() == std::vector<std::string>{"127.0.0.1:" + std::to_string(server.port()),
                                                    "unix:" + dir / "s"});
  std::vector<std::string> peers;
  w.handler.look = [&](const Request& request) { peers.push_back(request.peer); };
  Caller local(w.loop, {.path = dir / "s"}, get("/"));
  REQUIRE(run_until(w.loop, [&] { return local.heard.ends_with("hello"); }));
  Client tcp(w.loop, server.port(), get("/"));
  REQUIRE(run_until(w.loop, [&] { return tcp.heard.ends_with("hello"); }));
  CHECK(peers == std::vector<std::string>{"", "127.0.0.1"});
}

TEST_CASE("above a limit an answer says so, and who leaves makes room", "[net][server][door]") {
  DoorWorld w;
  Server server(w.context, {.limits = {.connections = 3, .per_address = 2}}, w.handler);
  {
    Client one(w.loop, server.port(), upgrade("/"));
    Client two(w.loop, server.port(), upgrade("/"));
    REQUIRE(run_until(w.loop, [&] { return w.handler.peers.size() == 2; }));
    Client third(w.loop, server.port(), upgrade("/"));
    REQUIRE(run_until(w.loop, [&] { return third.closed; }));
    CHECK(third.heard.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
    CHECK(third.heard.find("retry-after: 5\r\n") != std::string::npos);
    CHECK(server.refused() == 1);

    server.set_limits({.connections = 2, .per_address = 10});
    Client fourth(w.loop, server.port(), get("/"));
    REQUIRE(run_until(w.loop, [&] { return fourth.closed; }));
    CHECK(fourth.heard.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  }
  REQUIRE(run_until(w.loop, [&] { return w.handler.peers.empty(); }));
  Client again(w.loop, server.port(), get("/"));
  REQUIRE(run_until(w.loop, [&] { return again.heard.ends_with("hello"); }));
  CHECK(w.handler.log.back() == "GET /?  ");
}

TEST_CASE("hundreds above the limit cost little, and leave nothing behind", "[net][server][door]") {
  DoorWorld w;
  Server server(w.context, {.limits = {.connections = 1}}, w.handler);
  Client inside(w.loop, server.port(), upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.peers.size() == 1; }));
  std::vector<std::unique_ptr<Sleeper>> crowd;
  for (int i = 0; i < 500; ++i) crowd.push_back(std::make_unique<Sleeper>(server.port()));
  REQUIRE(run_until(w.loop, [&] { return server.refused() == 500; }));
  // They do not go by themselves: the server hangs up, and is quiet then.
  turns_per_ms(w.loop, 1200ms);
  const auto before = cpu_ms();
  CHECK(turns_per_ms(w.loop, 300ms) < kQuiet);
  CHECK(cpu_ms() - before < 100);
  CHECK(w.handler.peers.size() == 1);
}

TEST_CASE("the descriptors of the process are a limit too", "[net][server][door]") {
  DoorWorld w;
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{300, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  Server server(w.context, {}, w.handler);
  setrlimit(RLIMIT_NOFILE, &before);
  std::vector<std::unique_ptr<Sleeper>> crowd;
  for (int i = 0; i < 200; ++i) crowd.push_back(std::make_unique<Sleeper>(server.port()));
  REQUIRE(run_until(w.loop, [&] { return server.refused() == 200 - (300 - 128); }));
}

TEST_CASE("a renewed certificate is shown to who comes, a bad one to nobody",
          "[net][server][door]") {
  DoorWorld w;
  TempDir dir;
  const auto& all = Certificates::get();
  const auto use = [&](const std::string& name) {
    constexpr auto kOver = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(all.pem(name), dir / "cert.pem", kOver);
    std::filesystem::copy_file(all.key(name), dir / "cert.key", kOver);
  };
  use("good");
  Server server(w.context, {.tls_cert_file = dir / "cert.pem", .tls_key_file = dir / "cert.key"},
                w.handler);
  const loop::Target target{.host = "localhost",
                            .port = server.port(),
                            .tls = loop::TlsOptions{.ca_file = all.pem("ca")}};
  Caller first(w.loop, target, upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return w.handler.peers.size() == 1; }));

  use("foreign");
  REQUIRE(server.renew_certificate());
  Caller second(w.loop, target, get("/"));
  REQUIRE(run_until(w.loop, [&] { return second.closed; }));
  CHECK(second.why == "its certificate is not good: it is not for localhost");
  CHECK(w.handler.peers[0]->send("still here"));
  REQUIRE(run_until(w.loop, [&] { return first.heard.ends_with("still here"); }));

  use("good");
  REQUIRE(server.renew_certificate());
  std::filesystem::resize_file(dir / "cert.pem", 100);
  const auto renewed = server.renew_certificate();
  REQUIRE_FALSE(renewed);
  CHECK(renewed.error() ==
        "cannot use the certificate " + dir / "cert.pem" + " with the key " + dir / "cert.key");
  Caller third(w.loop, target, get("/"));
  REQUIRE(run_until(w.loop, [&] { return third.heard.ends_with("hello"); }));
}

TEST_CASE("frames given straight go over TLS as well, also to a slow reader",
          "[net][server][door]") {
  DoorWorld w;
  const auto& all = Certificates::get();
  Server server(w.context, {.tls_cert_file = all.pem("good"), .tls_key_file = all.key("good")},
                w.handler);
  Caller client(w.loop,
                {.host = "localhost",
                 .port = server.port(),
                 .tls = loop::TlsOptions{.ca_file = all.pem("ca")}},
                upgrade("/"));
  REQUIRE(run_until(w.loop, [&] { return client.heard.ends_with("\r\n\r\n"); }));
  client.heard.clear();
  auto& peer = *w.handler.peers[0];
  std::string sent;
  for (int i = 0; !peer.held(); ++i) {
    std::string frames;
    for (int n = 0; n < 1000; ++n) frames += "\x81\x07" + std::to_string(1'000'000 + i);
    REQUIRE(peer.write_raw(frames));
    sent += frames;
  }
  CHECK_FALSE(peer.write_raw("\x81\x01n"));
  peer.want_writable();
  REQUIRE(run_until(w.loop, [&] { return w.handler.has("writable"); }));
  REQUIRE(run_until(w.loop, [&] { return client.heard.size() >= sent.size(); }));
  CHECK((client.heard == sent));
}
