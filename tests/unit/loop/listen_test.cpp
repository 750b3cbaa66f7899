#include "base/fault.hpp"
#include "loop/listen.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace ltp;
using namespace ltp::loop;

TEST_CASE("a TCP socket has the port that was asked for, or a free one", "[listen]") {
  const auto any = listen_tcp("127.0.0.1", 0);
  REQUIRE(port_of(any) != 0);
  CHECK(label_of(any) == "127.0.0.1:" + std::to_string(port_of(any)));
  CHECK_THROWS_AS(listen_tcp("127.0.0.1", port_of(any)), StartError);
  CHECK_THROWS_WITH(listen_tcp("localhost", 0), "'localhost' is no numeric address");
  const auto six = listen_tcp("::1", 0);
  CHECK(label_of(six) == "[::1]:" + std::to_string(port_of(six)));
}

TEST_CASE("a port is shared by those who all say so", "[listen]") {
  const auto first = listen_tcp("127.0.0.1", 0, true);
  const auto second = listen_tcp("127.0.0.1", port_of(first), true);
  CHECK(port_of(second) == port_of(first));
  CHECK_THROWS_AS(listen_tcp("127.0.0.1", port_of(first)), StartError);
}

TEST_CASE("a unix socket takes the place of a dead one and of nothing else", "[listen]") {
  TempDir dir;
  const auto path = dir / "s";
  struct stat about {};
  {
    const auto first = listen_unix(path, 0640);
    CHECK(label_of(first) == "unix:" + path);
    CHECK(port_of(first) == 0);
    REQUIRE(stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0640);
    CHECK_THROWS_WITH(listen_unix(path, 0600), path + " is taken by another program");
  }
  CHECK(stat(path.c_str(), &about) != 0);  // it cleans up after itself

  // As a crash leaves it: the file is there, and nobody behind it.
  auto dead = listen_unix(path, 0600);
  dead.fd.reset();
  REQUIRE(stat(path.c_str(), &about) == 0);
  CHECK(label_of(listen_unix(path, 0600)) == "unix:" + path);

  std::ofstream(path) << "a file of somebody's";
  CHECK_THROWS_WITH(listen_unix(path, 0600), path + " is taken by another program");
  CHECK_THROWS_AS(listen_unix(std::string(200, 'x'), 0600), StartError);
}

TEST_CASE("sockets that systemd has opened are found by its variables", "[listen]") {
  CHECK(inherited_listeners().empty());
  // Meant for another process: the parent of one that did not take them.
  setenv("LISTEN_PID", "1", 1);
  setenv("LISTEN_FDS", "1", 1);
  CHECK(inherited_listeners().empty());
  CHECK(getenv("LISTEN_FDS") == nullptr);

  // Descriptor 3 is what it is in this process; a child has room for ours there.
  const auto listener = listen_tcp("127.0.0.1", 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(listener.fd.get(), 3);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    const auto inherited = inherited_listeners();
    const bool good = inherited.size() == 1 && port_of(inherited[0]) == port_of(listener) &&
                      (fcntl(3, F_GETFD) & FD_CLOEXEC) != 0;
    _exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
