#include "hub.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::serve;

namespace {

/// Takes frames apart by RFC 6455 and keeps the payloads. `open` false: takes nothing.
struct Collector : Sink {
  bool open = true;
  std::vector<std::string> got;
  std::size_t largest = 0;

  bool write(std::string_view frames) override {
    if (!open) return false;
    largest = std::max(largest, frames.size());
    while (!frames.empty()) {
      REQUIRE(static_cast<unsigned char>(frames[0]) == 0x81);
      std::size_t size = static_cast<unsigned char>(frames[1]);
      std::size_t head = 2;
      if (size == 126) {
        size = static_cast<unsigned char>(frames[2]) * 256u + static_cast<unsigned char>(frames[3]);
        head = 4;
      }
      REQUIRE(size < 127 * 1000);
      REQUIRE(frames.size() >= head + size);
      got.emplace_back(frames.substr(head, size));
      frames.remove_prefix(head + size);
    }
    return true;
  }
  std::vector<std::string> take() { return std::exchange(got, {}); }
};

constexpr Instrument kReliance{Segment::kNseEq, 2885};
constexpr Instrument kTcs{Segment::kNseEq, 11536};
constexpr Instrument kNifty{Segment::kIdxI, 13};

using Lines = std::vector<std::string>;

Wrap round(const char* prefix, const char* suffix) {
  return {.prefix = prefix, .suffix = suffix};
}

void tick(Hub& hub, Instrument instrument, const std::string& line) {
  hub.tick(instrument, line, "1", 0);
}

}  // namespace

TEST_CASE("who keeps up gets every line in order", "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(sink, {.all = true}, round("<", ">"));
  tick(hub, kReliance, "r1");
  tick(hub, kReliance, "r2");
  hub.other("o1", false);
  tick(hub, kNifty, "n1");
  hub.flush();
  CHECK(sink.take() == Lines{"<r1>", "<r2>", "<o1>", "<n1>"});
  hub.flush();
  CHECK(sink.take().empty());
}

TEST_CASE("a new subscriber gets the latest of each, then the stream", "[serve][hub]") {
  Hub hub;
  tick(hub, kReliance, "r1");
  tick(hub, kNifty, "n1");
  tick(hub, kReliance, "r2");
  hub.other("foreign", false);  // was for those who were there
  hub.flush();

  SECTION("of everything") {
    Collector sink;
    const auto subscription = hub.subscribe(sink, {.all = true}, round("", ""));
    hub.flush(*subscription);
    CHECK(sink.take() == Lines{"n1", "r2"});
    tick(hub, kNifty, "n2");
    hub.flush();
    CHECK(sink.take() == Lines{"n2"});
  }
  SECTION("of one instrument") {
    Collector sink;
    const auto subscription = hub.subscribe(sink, {.instruments = {kNifty, kTcs}}, {});
    hub.flush(*subscription);
    CHECK(sink.take() == Lines{"n1"});
    tick(hub, kReliance, "r3");
    tick(hub, kTcs, "t1");  // wanted before its first line came
    hub.flush();
    CHECK(sink.take() == Lines{"t1"});
  }
  SECTION("of a segment") {
    Collector sink;
    const auto subscription = hub.subscribe(sink, {.segments = {Segment::kNseEq}}, {});
    hub.flush(*subscription);
    tick(hub, kTcs, "t1");
    tick(hub, kNifty, "n2");
    hub.flush();
    CHECK(sink.take() == Lines{"r2", "t1"});
  }
}

TEST_CASE("who wants few and keeps up gets every line too", "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(sink, {.instruments = {kReliance}}, {});
  tick(hub, kReliance, "r1");
  tick(hub, kNifty, "n1");
  tick(hub, kReliance, "r2");
  tick(hub, kReliance, "r3");
  hub.flush();
  CHECK(sink.take() == Lines{"r1", "r2", "r3"});
}

TEST_CASE("the feed's last word comes to every new subscriber", "[serve][hub]") {
  Hub hub;
  hub.other("down", true);
  hub.other("up", true);
  hub.other("chatter", false);
  tick(hub, kReliance, "r1");
  hub.flush();
  for (const bool all : {true, false}) {
    Collector sink;
    sink.open = GENERATE(true, false);  // also if the socket is still busy with the welcome
    const auto subscription =
        hub.subscribe(sink, all ? Filter{.all = true} : Filter{.instruments = {kReliance}}, {});
    sink.open = true;
    hub.flush(*subscription);
    const auto got = sink.take();
    CHECK(std::count(got.begin(), got.end(), "up") == 1);
    CHECK(std::count(got.begin(), got.end(), "down") == 0);
    CHECK(std::count(got.begin(), got.end(), "r1") == 1);
  }
}

TEST_CASE("who takes nothing for a while gets what was missed, if it is little", "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(sink, {.all = true}, round("", ""));
  sink.open = false;
  tick(hub, kReliance, "r1");
  tick(hub, kReliance, "r2");
  hub.flush();
  sink.open = true;
  hub.flush(*subscription);
  CHECK(sink.take() == Lines{"r1", "r2"});
}

TEST_CASE("who falls far behind gets the latest of each, and never steps back", "[serve][hub]") {
  Hub hub;
  Collector slow;
  Collector few;
  const auto all = hub.subscribe(slow, {.all = true}, round("", ""));
  const auto some = hub.subscribe(few, {.instruments = {kReliance, kTcs}}, {});
  slow.open = few.open = false;
  const std::string padding(500, '.');
  for (int i = 0; i < 4000; ++i) {  // 2 MB, past every bound
    tick(hub, kReliance, "r" + std::to_string(i) + padding);
    tick(hub, kTcs, "t" + std::to_string(i) + padding);
  }
  tick(hub, kReliance, "r4000");
  hub.flush();
  slow.open = few.open = true;
  hub.flush(*all);
  hub.flush(*some);
  CHECK(slow.take() == Lines{"t3999" + padding, "r4000"});
  CHECK(few.take() == Lines{"t3999" + padding, "r4000"});
  tick(hub, kTcs, "t4000");
  hub.flush();
  CHECK(slow.take() == Lines{"t4000"});
  CHECK(few.take() == Lines{"t4000"});
}

TEST_CASE("two who subscribe alike share frames and see the same", "[serve][hub]") {
  Hub hub;
  Collector first;
  Collector second;
  auto one = hub.subscribe(first, {.all = true}, round("a", "b"));
  const auto two = hub.subscribe(second, {.all = true}, round("a", "b"));
  tick(hub, kReliance, "1");
  hub.flush();
  one.reset();
  tick(hub, kReliance, "2");
  hub.flush();
  CHECK(first.take() == Lines{"a1b"});
  CHECK(second.take() == Lines{"a1b", "a2b"});
}

TEST_CASE("whatever sinks do, each ends with the truth and never goes back", "[serve][hub]") {
  // Random subscribing, stalling and leaving; every line tells its instrument and count.
  const auto seed = GENERATE(range(1u, 21u));
  std::mt19937 random(seed);
  const auto pick = [&](unsigned n) { return random() % n; };
  Hub hub;
  struct Client {
    Collector sink;
    Filter filter;
    std::unique_ptr<Subscription> subscription;
    std::map<std::uint32_t, int> last;
    void check() {
      for (const auto& line : sink.take()) {
        if (line[0] == 'o') continue;
        const auto colon = line.find(':');
        const auto id = static_cast<std::uint32_t>(std::stoul(line.substr(0, colon)));
        const int count = std::stoi(line.substr(colon + 1));
        const auto seen = last.find(id);
        if (seen != last.end()) REQUIRE(count > seen->second);
        last[id] = count;
      }
    }
  };
  std::vector<std::unique_ptr<Client>> clients;
  std::map<std::uint32_t, int> truth;
  const std::string padding(300, '.');

  for (int step = 0; step < 3000; ++step) {
    const auto what = pick(100);
    if (what < 3 && clients.size() < 12) {
      auto client = std::make_unique<Client>();
      if (pick(2) == 0) {
        client->filter.all = true;
      } else {
        for (std::uint32_t id = 1; id <= 40; ++id)
          if (pick(4) == 0) client->filter.instruments.push_back({Segment::kNseEq, id});
      }
      client->subscription = hub.subscribe(client->sink, client->filter, {});
      clients.push_back(std::move(client));
    } else if (what < 4 && !clients.empty()) {
      clients.erase(clients.begin() + pick(static_cast<unsigned>(clients.size())));
    } else if (what < 12 && !clients.empty()) {
      auto& client = *clients[pick(static_cast<unsigned>(clients.size()))];
      client.sink.open = !client.sink.open;
      if (client.sink.open) hub.flush(*client.subscription);
    } else if (what < 14) {
      hub.other("other", pick(2) == 0);
    } else if (what < 30) {
      hub.flush();
    } else {
      const auto id = static_cast<std::uint32_t>(1 + pick(40));
      const int burst = pick(20) == 0 ? 200 : 1;
      for (int i = 0; i < burst; ++i)
        tick(hub, {Segment::kNseEq, id}, std::to_string(id) + ":" + std::to_string(++truth[id]) +
                                             " " + padding);
    }
    for (auto& client : clients) client->check();
  }
  for (auto& client : clients) {
    client->sink.open = true;
    hub.flush(*client->subscription);
    client->check();
    for (const auto& [id, count] : truth)
      if (client->filter.wants({Segment::kNseEq, id})) CHECK(client->last[id] == count);
  }
}
