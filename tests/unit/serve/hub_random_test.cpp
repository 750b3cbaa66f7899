// Random clients against a model that is plain: a list of all lines, and who wanted what
// since when. What is promised in hub.hpp has to hold whatever sinks do.
#include "hub.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::serve;

namespace {

constexpr int kInstruments = 40;

Instrument instrument_of(int i) {
  return {i % 3 == 0   ? Segment::kIdxI
          : i % 3 == 1 ? Segment::kNseEq
                       : Segment::kMcxComm,
          static_cast<std::uint32_t>(i + 1)};
}

/// Lines are "T instrument count padding", "O number" and "S number".
struct Client : Sink {
  Hub& hub;
  std::mt19937& random;
  bool open = true;
  Filter filter;
  std::unique_ptr<Subscription> subscription;
  std::map<int, int> last;          // count of the last line of each instrument
  std::map<int, int> wanted_since;  // instrument: its count when it was wanted
  std::uint64_t given = 0;          // lines that came after they were wanted
  std::uint64_t owed = 0;           // lines that came while they were wanted
  std::uint64_t skipped = 0;        // as told
  int last_status = -1;
  int changes = 0;    // of what it wants
  bool calm = false;  // takes all for the moment
  bool exact = true;  // what it wants has changed only while it had everything
  bool rated = false;

  Client(Hub& from, std::mt19937& dice, Wrap wrap) : hub(from), random(dice) {
    subscription = hub.subscribe(*this, {}, wrap);
  }

  bool write(std::string_view messages) override {
    if (!open) return false;
    if (!calm && random() % 50 == 0) open = false;
    REQUIRE_FALSE(messages.empty());
    while (!messages.empty()) {
      const auto end = messages.find('\n');
      REQUIRE(end != std::string_view::npos);
      hear(std::string(messages.substr(0, end)));
      messages.remove_prefix(end + 1);
    }
    return true;
  }

  void hear(const std::string& line) {
    REQUIRE_FALSE(filter.empty());
    REQUIRE_FALSE(line.empty());
    if (line[0] == '{') {
      skipped += std::stoul(line.substr(line.rfind(':') + 1));
    } else if (line[0] == 'S') {
      const int number = std::stoi(line.substr(2));
      REQUIRE(number >= last_status);
      last_status = number;
    } else if (line[0] == 'T') {
      const int i = std::stoi(line.substr(2));
      const int count = std::stoi(line.substr(line.find(' ', 2)));
      REQUIRE(wanted_since.contains(i));  // nothing else than what it wants
      // Who widens or narrows what it wants may get the line that it has once more.
      if (last.contains(i)) REQUIRE(count >= last[i] + (changes == 1));
      given += count > std::max(wanted_since[i], last[i]);
      last[i] = count;
    }
  }
};

struct World {
  std::mt19937 random;
  std::int64_t now_ms = 1000;
  Hub hub{[this] { return now_ms; }};
  std::vector<int> truth = std::vector<int>(kInstruments, 0);
  std::vector<int> here = std::vector<int>(kInstruments, 0);  // of it, what the hub has
  int statuses = 0;
  bool linked = true;  // else what comes does not come here
  std::vector<std::unique_ptr<Client>> clients;
  const std::string padding = std::string(300, '.');

  const std::size_t most_clients;

  /// A third of the worlds has one client alone: for whom nobody else keeps a line.
  explicit World(unsigned seed) : random(seed), most_clients(seed % 3 == 0 ? 1 : 12) {}
  int pick(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  Client& some() {
    return *clients[static_cast<std::size_t>(pick(static_cast<int>(clients.size())))];
  }

  Filter some_filter() {
    Filter filter;
    const int what = pick(8);
    if (what == 0) {
      filter.all = true;
    } else if (what == 1) {
      filter.segments |= mask_of(instrument_of(pick(3)).segment);
    } else {
      for (int n = 1 + pick(15); n > 0; --n)
        filter.instruments.push_back(instrument_of(pick(kInstruments)));
    }
    return filter;
  }

  /// Changes what a client wants, and the model with it.
  template <class Change>
  void change(Client& client, const Change& how) {
    client.exact &= !client.subscription->blocked() && !client.rated && client.open;
    client.calm = true;
    ++client.changes;
    how();
    for (int i = 0; i < kInstruments; ++i) {
      const bool wants = client.filter.wants(instrument_of(i));
      if (!wants) client.wanted_since.erase(i), client.last.erase(i);
      if (wants) client.wanted_since.try_emplace(i, here[static_cast<std::size_t>(i)]);
    }
    hub.flush(*client.subscription);
    client.calm = false;
  }

  void want(Client& client) {
    const auto more = some_filter();
    change(client, [&] {
      client.filter.add(more);
      client.subscription->want(more);
    });
  }

  void unwant(Client& client) {
    const auto less = pick(3) == 0 ? client.filter : some_filter();
    change(client, [&] {
      client.subscription->unwant(less);
      client.filter.remove(less);
    });
  }

  void tick(int i) {
    const int count = ++truth[static_cast<std::size_t>(i)];
    if (!linked) return;
    here[static_cast<std::size_t>(i)] = count;
    for (auto& client : clients) client->owed += client->wanted_since.contains(i);
    hub.tick({instrument_of(i), "1", {}},
             "T " + std::to_string(i) + " " + std::to_string(count) + " " + padding, now_ms);
  }

  /// The link is lost, or is back and what was missed is read from the cache.
  void turn_link() {
    linked = !linked;
    if (!linked) return;
    for (int i = 0; i < kInstruments; ++i) {
      auto& now = truth[static_cast<std::size_t>(i)];
      if (here[static_cast<std::size_t>(i)] == now) continue;
      --now;
      tick(i);
    }
  }

  /// Goes and comes back to where it was, as an AnyCable client does.
  void come_back(Client& client) {
    client.open = client.calm = true;
    hub.flush(*client.subscription);
    const bool had_all = !client.subscription->blocked() && !client.rated;
    const auto heard = had_all ? hub.version() : 0;
    client.calm = false;
    client.subscription.reset();
    for (int n = pick(50); n > 0; --n) tick(pick(kInstruments));
    client.subscription =
        hub.subscribe(client, client.filter, {.framed = false, .suffix = "\n"}, heard);
    client.exact = client.rated = false;  // what came meanwhile is not counted to it
    if (!had_all) client.changes = 2;     // all of it comes once more
    hub.flush(*client.subscription);
  }

  /// What came at a rate is not counted to it; the newest of each it has to have in the end.
  void change_rate(Client& client) {
    client.exact = false;
    client.rated = pick(2) == 0;
    client.subscription->max_hz(client.rated ? 1 + pick(200) : 0);
  }

  void step() {
    now_ms += pick(3);
    const int what = pick(100);
    if (what < 4 && clients.size() < most_clients) {
      clients.push_back(std::make_unique<Client>(
          hub, random, Wrap{.framed = false, .suffix = "\n", .tells = true}));
      if (pick(4) == 0) {
        clients.back()->rated = true;
        clients.back()->subscription->max_hz(1 + pick(200));
      }
      if (pick(4) != 0) want(*clients.back());
    } else if (clients.empty()) {
      tick(pick(kInstruments));
    } else if (what < 5) {
      clients.erase(clients.begin() + pick(static_cast<int>(clients.size())));
    } else if (what < 6) {
      change_rate(some());
    } else if (what < 9) {
      want(some());
    } else if (what < 11) {
      unwant(some());
    } else if (what < 12) {
      if (pick(4) == 0) come_back(some());
    } else if (what < 13) {
      turn_link();
    } else if (what < 22) {
      auto& client = some();
      client.open = !client.open;
      if (client.open) hub.flush(*client.subscription);
    } else if (what < 23) {
      hub.other("S " + std::to_string(++statuses), true);
    } else if (what < 24) {
      hub.other("O 1", false);
    } else if (what < 40) {
      hub.flush();
    } else {
      const int i = pick(kInstruments);
      for (int n = pick(30) == 0 ? 300 : 1; n > 0; --n) tick(i);
    }
  }

  void settle() {
    if (!linked) turn_link();
    for (int round = 0; round < 100; ++round) {
      now_ms += 1000;
      for (auto& client : clients) {
        client->open = true;
        hub.flush(*client->subscription);
      }
      hub.flush();
    }
  }
};

}  // namespace

TEST_CASE("whatever clients do, each ends with the truth, never goes back, and is told the rest",
          "[serve][hub]") {
  const auto seed = GENERATE(range(1u, 61u));
  INFO("seed " << seed);
  World world(seed);
  for (int step = 0; step < 1500; ++step) world.step();
  world.settle();
  for (auto& client : world.clients) {
    for (const auto& [i, since] : client->wanted_since) {
      INFO("instrument " << i);
      const int truth = world.truth[static_cast<std::size_t>(i)];
      if (truth > 0) CHECK(client->last[i] == truth);
    }
    if (!client->wanted_since.empty() && world.statuses > 0)
      CHECK(client->last_status == world.statuses);
    if (client->exact) CHECK(client->given + client->skipped == client->owed);
  }
}
