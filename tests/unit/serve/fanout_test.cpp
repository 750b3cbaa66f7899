#include "fanout.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

using namespace ltp;
using namespace ltp::serve;
using Us = Fanout::Us;

TEST_CASE("a cheap turn is followed by no pause, a dear one by as long again", "[serve][fanout]") {
  CHECK(Fanout::pause_after(Us{0}) == Us{0});
  CHECK(Fanout::pause_after(Us{299}) == Us{0});
  CHECK(Fanout::pause_after(Us{300}) == Us{300});
  CHECK(Fanout::pause_after(Us{2000}) == Us{2000});
  CHECK(Fanout::pause_after(Us{90'000}) == Us{5000});
}

namespace {
/// Each write takes its time; counts them, and the bytes.
struct SlowSink : Sink {
  std::chrono::milliseconds cost{0};
  int writes = 0;
  std::size_t lines = 0;
  bool write(std::string_view messages) override {
    std::this_thread::sleep_for(cost);
    ++writes;
    lines += messages.size();
    return true;
  }
};
}  // namespace

TEST_CASE("what comes while a dear turn rests goes out together, and all of it",
          "[serve][fanout]") {
  loop::Loop loop;
  Hub hub;
  int after = 0;
  Fanout fanout(loop, hub, [&] { ++after; });
  SlowSink sink;
  const auto subscription = hub.subscribe(sink, {.all = true}, {.framed = false});
  int sent = 0;
  loop::Timer source(loop, [&] {
    hub.tick({{Segment::kNseEq, 1}, "1", {}}, "x", 0);
    fanout.dry();
    if (++sent == 100) loop.stop();
  });
  SECTION("cheap: alone") {
    source.start(loop::Ms{1}, loop::Ms{1});
    loop.run();
    fanout.flush();
    CHECK(sink.writes > 50);  // all of them, if nobody else wants the machine
  }
  SECTION("dear: several at once") {
    sink.cost = std::chrono::milliseconds{3};
    source.start(loop::Ms{1}, loop::Ms{1});
    loop.run();
    fanout.flush();
    CHECK(sink.writes < 70);
    CHECK(sink.writes > 5);
  }
  CHECK(sink.lines == 100);
  CHECK(after >= sink.writes);
}
