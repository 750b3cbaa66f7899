#include "hub.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <optional>
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
  hub.tick({instrument, "1", {}}, line, 0);
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
    const auto subscription = hub.subscribe(sink, {.segments = mask_of(Segment::kNseEq)}, {});
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
  for (int i = 0; i < 6000; ++i) {  // 6 MB, past every bound
    tick(hub, kReliance, "r" + std::to_string(i) + padding);
    tick(hub, kTcs, "t" + std::to_string(i) + padding);
  }
  tick(hub, kReliance, "r6000");
  hub.flush();
  slow.open = few.open = true;
  hub.flush(*all);
  hub.flush(*some);
  CHECK(slow.take() == Lines{"t5999" + padding, "r6000"});
  CHECK(few.take() == Lines{"t5999" + padding, "r6000"});
  tick(hub, kTcs, "t6000");
  hub.flush();
  CHECK(slow.take() == Lines{"t6000"});
  CHECK(few.take() == Lines{"t6000"});
}

TEST_CASE("a burst is given line by line to who is quick, the latest to who is not",
          "[serve][hub]") {
  std::int64_t now_ms = 1000;
  Hub hub([&] { return now_ms; });
  Collector sinks[3];
  const auto alone = hub.subscribe(sinks[0], {.segments = mask_of(Segment::kNseEq)}, {});
  const auto shared = hub.subscribe(sinks[1], {.all = true}, {});
  const auto likewise = hub.subscribe(sinks[2], {.all = true}, {});
  for (auto& sink : sinks) sink.open = false;
  const std::string padding(500, '.');
  for (int i = 0; i < 2000; ++i) tick(hub, kReliance, "r" + std::to_string(i) + padding);  // 1 MB
  hub.flush();
  now_ms += GENERATE(400, 600);
  tick(hub, kTcs, "t");
  hub.flush();
  tick(hub, kTcs, "t");
  now_ms += 1;
  const std::size_t expected = now_ms < 1500 ? 2002 : 2;
  for (auto& sink : sinks) sink.open = true;
  hub.flush(*alone);
  hub.flush(*shared);
  hub.flush(*likewise);
  for (auto& sink : sinks) {
    CHECK(sink.got.size() == expected);
    CHECK(sink.got.back() == "t");
  }
}

TEST_CASE("a line that comes again or late is dropped, but no feed whose clock is set back",
          "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(sink, {.all = true}, round("", ""));
  const auto tick = [&](const char* line, std::optional<std::int64_t> recv_us, std::int64_t at_ms,
                        Instrument instrument = kReliance) {
    CHECK(hub.tick({instrument, "1", recv_us}, line, at_ms));
  };
  constexpr std::int64_t kNow_ms = 1'767'588'330'000;
  constexpr std::int64_t kNow_us = kNow_ms * 1000;
  tick("one", kNow_us, kNow_ms);
  tick("two", kNow_us, kNow_ms);  // of one packet
  tick("two", kNow_us, kNow_ms + 60'000);
  tick("zero", kNow_us - 1, kNow_ms + 1999);
  tick("zero", kNow_us - 29'999'999, kNow_ms);
  tick("other", kNow_us - 1, kNow_ms, kTcs);
  hub.flush();
  CHECK(sink.got == Lines{"one", "two", "other"});
  CHECK(hub.line(kReliance) == "two");
  CHECK(hub.late() == 3);

  SECTION("who does not say when it was received is believed") {
    tick("two", std::nullopt, kNow_ms);
    tick("two", std::nullopt, kNow_ms);
    hub.flush();
    CHECK(sink.got == Lines{"one", "two", "other", "two", "two"});
  }
  SECTION("what is older by far is another day's, or another clock's") {
    tick("far", kNow_us - 30'000'000, kNow_ms);
    hub.flush();
    CHECK(sink.got == Lines{"one", "two", "other", "far"});
  }
  SECTION("what stays older is the truth") {
    tick("set back", kNow_us - 5'000'000, kNow_ms + 2000);
    hub.flush();
    CHECK(sink.got == Lines{"one", "two", "other", "set back"});
  }
  SECTION("nor is our own clock trusted") {
    tick("set back", kNow_us - 5'000'000, kNow_ms - 1);
    hub.flush();
    CHECK(sink.got == Lines{"one", "two", "other", "set back"});
  }
  SECTION("times that make no sense do no harm") {
    tick("min", std::numeric_limits<std::int64_t>::min(), kNow_ms);
    tick("max", std::numeric_limits<std::int64_t>::max(), kNow_ms);
    tick("now", kNow_us, kNow_ms);
    hub.flush();
    CHECK(sink.got == Lines{"one", "two", "other", "min", "max", "now"});
  }
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

TEST_CASE("who comes back gets only what moved since", "[serve][hub]") {
  Hub hub;
  tick(hub, kReliance, "r1");
  tick(hub, kNifty, "n1");
  const auto heard = hub.version();
  tick(hub, kTcs, "t1");
  tick(hub, kReliance, "r2");
  tick(hub, kReliance, "r3");
  const auto filter =
      GENERATE(values<Filter>({{.all = true}, {.instruments = {kReliance, kNifty, kTcs}}}));
  Collector sink;
  const auto subscription = hub.subscribe(sink, filter, {.tells = true}, heard);
  hub.flush(*subscription);
  CHECK(sink.take() == Lines{"t1", "r3"});
  tick(hub, kNifty, "n2");
  hub.flush();
  CHECK(sink.take() == Lines{"n2"});
}

TEST_CASE("what is wanted changes while the stream runs", "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(sink, {}, {});
  tick(hub, kReliance, "r1");
  tick(hub, kNifty, "n1");
  hub.other("foreign", false);
  hub.flush();
  CHECK(sink.take().empty());  // it waits

  const auto want = [&](const Filter& filter) {
    subscription->want(filter);
    hub.flush(*subscription);
    return sink.take();
  };
  CHECK(want({.instruments = {kReliance}}) == Lines{"r1"});
  CHECK(want({.segments = mask_of(Segment::kIdxI)}) == Lines{"n1"});
  CHECK(want({.instruments = {kReliance, kTcs}}).empty());  // one it has, one has no line
  tick(hub, kTcs, "t1");
  tick(hub, kNifty, "n2");
  hub.flush();
  auto got = sink.take();
  std::sort(got.begin(), got.end());
  CHECK(got == Lines{"n2", "t1"});

  subscription->unwant({.segments = mask_of(Segment::kIdxI), .instruments = {kReliance}});
  tick(hub, kNifty, "n3");
  tick(hub, kReliance, "r2");
  tick(hub, kTcs, "t2");
  hub.flush();
  CHECK(sink.take() == Lines{"t2"});
  subscription->unwant({.instruments = {kTcs}});
  tick(hub, kTcs, "t3");
  hub.flush();
  CHECK(sink.take().empty());
}

TEST_CASE("who gives a segment up keeps its place in the instruments that stay", "[serve][hub]") {
  Hub hub;
  Collector sink;
  const auto subscription = hub.subscribe(
      sink, {.segments = mask_of(Segment::kNseEq), .instruments = {kReliance, kTcs}}, {});
  tick(hub, kReliance, "r1");
  tick(hub, kTcs, "t1");
  hub.flush();
  CHECK(sink.take() == Lines{"r1", "t1"});
  SECTION("all of it is out") {
    subscription->unwant({.segments = mask_of(Segment::kNseEq)});
    hub.flush();
    CHECK(sink.take().empty());
  }
  SECTION("something is still due") {
    sink.open = false;
    tick(hub, kTcs, "t2");
    hub.flush();
    subscription->unwant({.segments = mask_of(Segment::kNseEq)});
    sink.open = true;
    hub.flush(*subscription);
    CHECK(sink.take() == Lines{"t2"});
  }
  tick(hub, kReliance, "r2");
  hub.flush();
  CHECK(sink.take() == Lines{"r2"});
}

TEST_CASE("a rate: at once, then the newest when its time has come", "[serve][hub]") {
  std::int64_t now_ms = 1000;
  Hub hub([&] { return now_ms; });
  int asked = 0;
  hub.on_due = [&] { ++asked; };
  const auto filter = GENERATE(values<Filter>({{.all = true}, {.instruments = {kReliance}}}));
  Collector sink;
  const auto subscription = hub.subscribe(sink, filter, {.tells = true});
  subscription->max_hz(5);
  tick(hub, kReliance, "r1");
  hub.flush();
  CHECK(sink.take() == Lines{"r1"});
  tick(hub, kReliance, "r2");
  tick(hub, kReliance, "r3");
  hub.flush();
  now_ms = 1100;
  tick(hub, kReliance, "r4");
  hub.flush();
  CHECK(sink.take().empty());
  CHECK(hub.next_due_ms() == 1200);
  CHECK(asked == 1);
  hub.other("news", true);  // does not wait for prices
  hub.flush();
  CHECK(sink.take() == Lines{"news"});
  now_ms = 1200;
  hub.flush();
  CHECK(sink.take() == Lines{"r4", R"({"type":"conflated","skipped":2})"});
  CHECK_FALSE(hub.next_due_ms());
  now_ms = 5000;
  tick(hub, kReliance, "r5");
  hub.flush();
  CHECK(sink.take() == Lines{"r5"});
}

TEST_CASE("whoever made up identifiers leaves no trace", "[serve][hub]") {
  Hub hub;
  Collector sink;
  for (int i = 0; i < 1000; ++i) {
    const auto subscription =
        hub.subscribe(sink, {.instruments = {{Segment::kNseEq, static_cast<std::uint32_t>(i + 1)}}},
                      {.prefix = std::to_string(i)});
    hub.flush(*subscription);
  }
  CHECK(hub.instruments() == 0);
  tick(hub, kReliance, "r1");
  CHECK(hub.instruments() == 1);
}
