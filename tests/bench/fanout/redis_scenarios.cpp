#include "bench/fanout/report.hpp"
#include "bench/fanout/scenarios.hpp"
#include "redis/codec.hpp"
#include "support/redis_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <string_view>

namespace {

/// A connection on which commands are written and nothing is answered.
ltp::UniqueFd open_publisher(const RedisServer& redis) {
  ltp::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  redis.socket_path().copy(address.sun_path, sizeof address.sun_path - 1);
  constexpr std::string_view kNoAnswers = "CLIENT REPLY OFF\r\n";
  must(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
           write(fd.get(), kNoAnswers.data(), kNoAnswers.size()) ==
               static_cast<ssize_t>(kNoAnswers.size()),
       "cannot reach Redis");
  return fd;
}

void append_publish(std::string& out, std::string_view line) {
  line.remove_suffix(1);  // its newline
  const std::string_view words[] = {"PUBLISH", "live_ltp_updates", line};
  ltp::redis::append_command(out, words);
}

/// What is published until each client has all of it: deliveries in a second.
void publish_round(Row& row, const ServerUnderLoad& server, const RedisServer& redis,
                   std::size_t clients, std::uint64_t ticks) {
  TickLines lines(2000);
  Crowd crowd(lines, how(server, kCable));
  must(crowd.join(clients, 100, kUp), "not all clients came up");
  const auto publisher = open_publisher(redis);
  const auto begin = Clock::now();
  Feeder feeder(publisher.get(), lines, 0, ticks, 0, append_publish);
  const bool all = crowd.read_until([&] { return crowd.ticks() >= clients * ticks; }, kPatience);
  must(all, "not all lines came");
  row.add("deliveries/s", static_cast<double>(crowd.ticks()) / seconds(crowd.last_tick() - begin));
  row.add("after newer ones%",
          100 * static_cast<double>(crowd.backward()) / static_cast<double>(crowd.ticks()));
}

}  // namespace

void idle() {
  constexpr std::size_t kClients = 5000;
  constexpr double kPerSecond = 1000;
  constexpr int kFor_s = 10;
  Row rows[] = {{"5000 on /ws that want nothing", {}}, {"5000 on /cable that want another", {}}};
  const RedisServer redis;
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < 2; ++i) {
      TickLines lines(2000);
      ServerUnderLoad server(serve(redis.unix_url()));
      auto ask = how(server, i == 0 ? kWs : kCable);
      if (i == 0) {
        ask.path = [](std::size_t) { return std::string("/ws"); };
      } else {
        ask.greeting =
            R"({"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\",\"keys\":[\"IDX_I:13\"]}"})";
      }
      Crowd crowd(lines, ask);
      must(crowd.join(kClients, 200, kUp), "not all clients came up");
      const auto publisher = open_publisher(redis);
      const auto cpu = server.cpu_s();
      Feeder feeder(publisher.get(), lines, 0, static_cast<std::uint64_t>(kPerSecond * kFor_s),
                    kPerSecond, append_publish);
      crowd.read_until([] { return false; }, Ms{kFor_s * 1000});
      must(crowd.ticks() == 0 && crowd.lost() == 0, "somebody was given what he did not want");
      rows[i].add("core%", (server.cpu_s() - cpu) * 100 / kFor_s);
    }
  std::printf("idle: %zu clients, %.0f lines a second on Redis that nobody wants\n", kClients,
              kPerSecond);
  print({rows[0], rows[1]}, {"core%"});
}

void rails() {
  constexpr std::size_t kClients = 1000;
  Row slow{"Rails /cable", {}}, fast{"ltp-serve /cable", {}};
  const RedisServer redis;
  setenv("REDIS_URL", redis.unix_url().c_str(), 1);
  for (int round = 0; round < kRounds; ++round) {
    const auto port = free_port();
    {
      const ServerUnderLoad server(
          {LTP_SOURCE_DIR "/tests/bench/rails/start.sh", std::to_string(port)}, port);
      publish_round(slow, server, redis, kClients, 30);
    }
    const ServerUnderLoad server(serve(redis.unix_url()));
    publish_round(fast, server, redis, kClients, 3000);
  }
  std::printf("rails: %zu clients, lines by Redis; 30 to Rails, 3000 to ltp-serve\n", kClients);
  print({slow, fast}, {"deliveries/s", "after newer ones%"});
  print_ratio(fast, slow, "deliveries/s");
}
