#include "output.hpp"

#include "base/unique_fd.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string>

using namespace ltp;
using ltp::feed::Output;

TEST_CASE("a reader that sleeps costs old ticks, never the newest", "[feed]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  loop::Loop loop;
  std::string got;
  {
    Output output(loop, writing.get(), Output::Policy::kLatest, [](const std::string&) { FAIL("closed"); });
    loop::Timer deadline(loop, [] { FAIL("not drained in 10 s"); });
    deadline.start(loop::Ms{10'000});

    // 40 instruments, 500 rounds, 100 bytes a line: 2 MB into a pipe that holds 64 KiB.
    const std::string padding(90, '.');
    for (int round = 1; round <= 500; ++round) {
      for (std::uint32_t id = 1; id <= 40; ++id)
        output.tick({Segment::kNseEq, id},
                    std::to_string(id) + " " + std::to_string(round) + padding + "\n");
      output.flush();
    }
    output.status("status one\n");
    output.status("status two\n");
    CHECK(output.merged() > 10'000);

    // Now the reader wakes up and reads all.
    loop::Timer read_on(loop, [&] {
      char buffer[4096];
      for (ssize_t n; (n = read(reading.get(), buffer, sizeof buffer)) > 0;)
        got.append(buffer, static_cast<std::size_t>(n));
      if (output.idle()) loop.stop();
    });
    read_on.start(loop::Ms{1}, loop::Ms{1});
    loop.run();
    char buffer[4096];
    for (ssize_t n; (n = read(reading.get(), buffer, sizeof buffer)) > 0;)
      got.append(buffer, static_cast<std::size_t>(n));
  }

  std::map<int, int> last;
  int statuses = 0;
  std::istringstream lines(got);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("status")) {
      CHECK(line == "status two");  // the older one was replaced
      ++statuses;
      continue;
    }
    std::istringstream fields(line);
    int id = 0;
    int round = 0;
    fields >> id >> round;
    CHECK(round > last[id]);  // never a step back, never twice
    last[id] = round;
  }
  CHECK(statuses == 1);
  REQUIRE(last.size() == 40);
  for (const auto& [id, round] : last) CHECK(round == 500);
}
