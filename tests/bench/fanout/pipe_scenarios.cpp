#include "bench/fanout/report.hpp"
#include "bench/fanout/scenarios.hpp"

#include <thread>
#include <utility>

namespace {

/// All at once: deliveries in a second until every client has the last line.
void burst_round(Row& row, const std::vector<std::string>& command, const Dialect& dialect,
                 std::size_t clients, std::uint64_t ticks) {
  TickLines lines(2000);
  ServerUnderLoad server(command);
  Crowd crowd(lines, how(server, dialect));
  must(crowd.join(clients, 200, kUp), "not all clients came up");
  const auto cpu = server.cpu_s();
  const auto begin = Clock::now();
  Feeder feeder(server.input(), lines, 0, ticks, 0);
  const bool all = crowd.read_until(
      [&] { return crowd.ticks() + crowd.conflated() >= clients * ticks; }, kPatience);
  // ActionCable has no word for what was left out.
  must(all || !dialect.subprotocol.empty(), "not all lines came");
  const auto took = seconds(crowd.last_tick() - begin);
  must(crowd.backward() == 0, "a tick came after a newer one");
  row.add("deliveries/s", static_cast<double>(crowd.ticks()) / took);
  row.add("us/delivery", (server.cpu_s() - cpu) * 1e6 / static_cast<double>(crowd.ticks()));
  row.add("missing%",
          100 * static_cast<double>(crowd.missing()) / static_cast<double>(clients * ticks));
}

}  // namespace

void burst() {
  for (const auto& [clients, ticks] :
       {std::pair<std::size_t, std::uint64_t>{1000, 3000}, {5000, 1000}}) {
    std::vector<Row> rows{{"reference, /ws frames", {}},
                          {"ltp-serve /ws", {}},
                          {"reference, /cable frames", {}},
                          {"ltp-serve /cable", {}}};
    for (int round = 0; round < kRounds; ++round) {
      burst_round(rows[0], reference(kWs), kWs, clients, ticks);
      burst_round(rows[1], serve(), kWs, clients, ticks);
      burst_round(rows[2], reference(kCable), kCableFrames, clients, ticks);
      burst_round(rows[3], serve(), kCable, clients, ticks);
    }
    std::printf("burst: %zu clients, %llu lines of %zu bytes\n", clients,
                static_cast<unsigned long long>(ticks), TickLines(1).size());
    print(rows, {"deliveries/s", "us/delivery", "missing%"});
    print_ratio(rows[1], rows[0], "deliveries/s");
    print_ratio(rows[3], rows[0], "deliveries/s");
    print_ratio(rows[3], rows[2], "deliveries/s");
  }
}

/// So many a second for a while.
void paced_round(Row& row, const std::vector<std::string>& command, const Dialect& dialect,
                 std::size_t clients, double per_second, double for_s, std::size_t asleep = 0) {
  TickLines lines(2000);
  ServerUnderLoad server(command);
  Crowd crowd(lines, how(server, dialect));
  must(crowd.join(clients, 200, kUp), "not all clients came up");
  crowd.sleep(asleep);
  const auto ticks = static_cast<std::uint64_t>(per_second * for_s);
  const auto awake = clients - asleep;
  const auto cpu = server.cpu_s();
  Feeder feeder(server.input(), lines, 0, ticks, per_second);
  crowd.read_until(
      [&] {
        return std::all_of(crowd.clients().begin() + static_cast<std::ptrdiff_t>(asleep),
                           crowd.clients().end(),
                           [&](const auto& client) { return client->next_n >= ticks; });
      },
      Ms{static_cast<int>(for_s * 1000)} + kPatience);
  must(crowd.backward() == 0, "a tick came after a newer one");
  must(crowd.lost() == 0, "a connection was lost");
  row.add("p50 us", static_cast<double>(crowd.delays().at(0.5)));
  row.add("p99 us", static_cast<double>(crowd.delays().at(0.99)));
  row.add("delivered%",
          100 * static_cast<double>(crowd.ticks()) / static_cast<double>(awake * ticks));
  row.add("us/delivery", (server.cpu_s() - cpu) * 1e6 / static_cast<double>(crowd.ticks()));
  row.add("core%", (server.cpu_s() - cpu) * 100 / for_s);
}

namespace {

void sustained_at(double per_second) {
  std::vector<Row> rows{{"reference", {}}, {"ltp-serve /ws", {}}};
  for (int round = 0; round < kRounds; ++round) {
    paced_round(rows[0], reference(kWs), kWs, 1000, per_second, 5);
    paced_round(rows[1], serve(), kWs, 1000, per_second, 5);
  }
  std::printf("sustained: 1000 clients, %.0f ticks/s, 5 s\n", per_second);
  print(rows, {"p50 us", "p99 us", "delivered%", "us/delivery", "core%"});
  print_ratio(rows[1], rows[0], "p99 us");
}

}  // namespace

void sustained() {
  sustained_at(1000);
  sustained_at(3000);
}

void quiet() {
  std::vector<Row> rows{{"reference, a send for each, /ws", {}},
                        {"ltp-serve /ws", {}},
                        {"the same, /cable frames", {}},
                        {"ltp-serve /cable", {}}};
  for (int round = 0; round < kRounds; ++round) {
    paced_round(rows[0], reference(kWs, true), kWs, 100, 100, 5);
    paced_round(rows[1], serve(), kWs, 100, 100, 5);
    paced_round(rows[2], reference(kCable, true), kCableFrames, 100, 100, 5);
    paced_round(rows[3], serve(), kCable, 100, 100, 5);
  }
  std::printf("quiet: 100 clients, 100 ticks/s, 5 s\n");
  print(rows, {"p50 us", "p99 us", "delivered%", "us/delivery", "core%"});
  for (const std::size_t i : {0, 2})
    for (const auto* figure : {"p50 us", "p99 us"}) print_ratio(rows[i + 1], rows[i], figure);
}

/// Each client wants 50 of 2,000 instruments.
void few() {
  constexpr std::size_t kClients = 1000, kEach = 50, kInstruments = 2000;
  constexpr double kPerSecond = 2000, kFor_s = 5;
  // The same for each client: so many lines a second, each in a send of its own.
  constexpr double kSame = kPerSecond * kEach / kInstruments;
  Row broadcast{"all of 50 ticks/s to each", {}}, row{"50 of 2000 to each, 2000 ticks/s", {}};
  for (int round = 0; round < kRounds; ++round) {
    paced_round(broadcast, serve(), kWs, kClients, kSame, kFor_s);
    TickLines lines(kInstruments);
    ServerUnderLoad server(serve());
    auto ask = how(server, kWs);
    ask.path = [](std::size_t client) {
      std::string path = "/ws?keys=";
      for (std::size_t i = 0; i < kEach; ++i)
        path += (i == 0 ? "" : ",") + TickLines::key((client * kEach + i * 37) % kInstruments);
      return path;
    };
    Crowd crowd(lines, ask);
    must(crowd.join(kClients, 200, kUp), "not all clients came up");
    const auto cpu = server.cpu_s();
    const auto ticks = static_cast<std::uint64_t>(kPerSecond * kFor_s);
    const auto due = kClients * kEach * ticks / kInstruments;
    Feeder feeder(server.input(), lines, 0, ticks, kPerSecond);
    crowd.read_until([&] { return crowd.ticks() + crowd.conflated() >= due; }, kPatience);
    must(crowd.backward() == 0, "a tick came after a newer one");
    row.add("p50 us", static_cast<double>(crowd.delays().at(0.5)));
    row.add("p99 us", static_cast<double>(crowd.delays().at(0.99)));
    row.add("delivered%", 100 * static_cast<double>(crowd.ticks()) / static_cast<double>(due));
    row.add("us/delivery", (server.cpu_s() - cpu) * 1e6 / static_cast<double>(crowd.ticks()));
    row.add("core%", (server.cpu_s() - cpu) * 100 / kFor_s);
  }
  std::printf("few: 1000 clients with 50 of 2000 instruments each\n");
  print({broadcast, row}, {"p50 us", "p99 us", "delivered%", "us/delivery", "core%"});
  print_ratio(row, broadcast, "us/delivery");
}

/// What a hundred that take nothing cost the other nine hundred, and themselves.
void stalled() {
  constexpr std::size_t kClients = 1000, kAsleep = 100, kInstruments = 2000;
  Row none{"900 clients, none stalled", {}}, some{"900 clients, 100 more stalled", {}};
  for (int round = 0; round < kRounds; ++round) {
    paced_round(none, serve(), kWs, kClients - kAsleep, 1000, 5);
    paced_round(some, serve(), kWs, kClients, 1000, 5, kAsleep);
  }
  std::printf("stalled: 1000 ticks/s, 5 s\n");
  print({none, some}, {"p50 us", "p99 us", "delivered%", "us/delivery", "core%"});
  print_ratio(some, none, "p99 us");

  Row burst_none{"burst to 900, none stalled", {}},
      burst_some{"burst to 900, 100 more stalled", {}};
  Row wake{"100 that wake", {}};
  for (int round = 0; round < kRounds; ++round)
    for (const bool with : {false, true}) {
      Row& row = with ? burst_some : burst_none;
      TickLines lines(kInstruments);
      ServerUnderLoad server(serve());
      Crowd crowd(lines, how(server, kWs));
      const auto asleep = with ? kAsleep : 0;
      must(crowd.join(kClients - kAsleep + asleep, 200, kUp), "not all clients came up");
      crowd.sleep(asleep);
      constexpr std::uint64_t kTicks = 3000;
      std::uint64_t first = 0;
      for (const bool counts : {false, true}) {  // the first fills the stalled clients' sockets
        crowd.count_anew();
        const auto resident = server.resident_bytes();
        const auto begin = Clock::now();
        Feeder feeder(server.input(), lines, first, kTicks, 0);
        const auto due = (kClients - kAsleep) * kTicks;
        crowd.read_until([&] { return crowd.ticks() + crowd.conflated() >= due; }, kPatience);
        first += kTicks;
        if (counts)
          row.add("deliveries/s",
                  static_cast<double>(crowd.ticks()) / seconds(crowd.last_tick() - begin));
        else if (with)
          row.add("KB/stalled", static_cast<double>(server.resident_bytes() -
                                                    std::min(resident, server.resident_bytes())) /
                                    1000 / static_cast<double>(kAsleep));
      }
      if (!with) continue;
      crowd.keep_newest();
      for (std::size_t i = 0; i < kAsleep; ++i) crowd.clients()[i]->newest.assign(kInstruments, 0);
      const auto begin = Clock::now();
      crowd.wake();
      const bool all = crowd.read_until(
          [&] {
            return std::all_of(crowd.clients().begin(), crowd.clients().begin() + kAsleep,
                               [&](const auto& client) {
                                 for (std::size_t i = 0; i < kInstruments; ++i) {
                                   const auto last = first - 1 - (first - 1 - i) % kInstruments;
                                   if (client->newest[i] != last + 1) return false;
                                 }
                                 return true;
                               });
          },
          kPatience);
      must(all, "a client that woke up did not get the newest of all");
      wake.add("s until all have the newest of all", seconds(Clock::now() - begin));
    }
  print({burst_none, burst_some, wake},
        {"deliveries/s", "KB/stalled", "s until all have the newest of all"});
  print_ratio(burst_some, burst_none, "deliveries/s");
}

void memory() {
  constexpr std::size_t kClients = 5000;
  Row rows[] = {{"ltp-serve /ws", {}}, {"ltp-serve /cable", {}}};
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t i = 0; i < 2; ++i) {
      const Dialect& dialect = i == 0 ? kWs : kCable;
      TickLines lines(2000);
      ServerUnderLoad server(serve());
      Crowd crowd(lines, how(server, dialect));
      must(crowd.join(1, 1, kUp), "a client did not come up");
      const auto before = server.resident_bytes();
      must(crowd.join(kClients, 200, kUp), "not all clients came up");
      rows[i].add("bytes/connection",
                  static_cast<double>(server.resident_bytes() - before) / kClients);
    }
  std::printf("memory: %zu clients that want everything\n", kClients);
  print({rows[0], rows[1]}, {"bytes/connection"});
}

/// Thousands at the door at once, while a thousand others wait for their pings.
void storm() {
  constexpr std::size_t kClients = 5000, kBefore = 1000;
  Row row{"ltp-serve /cable", {}};
  for (int round = 0; round < kRounds; ++round) {
    TickLines lines(2000);
    ServerUnderLoad server(serve());
    Crowd old(lines, how(server, kCable));
    must(old.join(kBefore, 200, kUp), "not all clients came up");
    old.read_until([] { return false; }, Ms{3500});  // each has had its first ping
    Crowd fresh(lines, how(server, kCable));
    Clock::duration took{};
    std::thread storming([&] {
      const auto begin = Clock::now();
      must(fresh.join(kClients, kClients, kUp), "not all clients came up");
      took = Clock::now() - begin;
      fresh.read_until([] { return false; }, Ms{6500});
    });
    old.count_anew();
    old.read_until([] { return false; }, Ms{10'000});
    storming.join();
    row.add("s until all are up", seconds(took));
    row.add("s between pings at most, old clients", seconds(old.longest_ping_gap()));
    row.add("new ones", seconds(fresh.longest_ping_gap()));
  }
  std::printf("storm: %zu handshakes at once, %zu clients there before\n", kClients, kBefore);
  print({row}, {"s until all are up", "s between pings at most, old clients", "new ones"});
}
