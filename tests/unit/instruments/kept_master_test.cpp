#include "instruments/kept_master.hpp"

#include "support/raw_server.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <sys/file.h>
#include <sys/stat.h>
#include <utime.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

using namespace ltp;
using namespace ltp::instruments;

namespace {

const std::string kRow = "NSE,E,2885,EQUITY,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance,ES,EQ\n";
const std::string kMaster =
    "EXCH_ID,SEGMENT,SECURITY_ID,INSTRUMENT,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,"
    "INSTRUMENT_TYPE,SERIES\n" +
    kRow;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string http(const std::string& status, const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         more + "\r\n" + body;
}

/// A place in a directory of its own, whose URL is a server that says what a test wants.
struct Fixture {
  TempDir dir;
  RawServer server;
  loop::Loop loop;
  MasterPlace place{
      {false, "127.0.0.1", server.port(), "/m.csv?key=canary"}, dir / "cache", "m.csv"};
  std::optional<Result<KeptMaster::Copy, StartError>> result;

  void put(const std::string& text, std::int64_t age_s) {
    std::filesystem::create_directories(place.directory);
    std::ofstream(place.path()) << text;
    const auto then = std::time(nullptr) - age_s;
    const utimbuf times{then, then};
    REQUIRE(utime(place.path().c_str(), &times) == 0);
  }
  void get(KeptMaster& kept) {
    result.reset();
    kept.get([&](auto answer) { result = std::move(answer); });
  }
  bool done() {
    return run_until(loop, [&] { return result.has_value(); });
  }
  bool asked() {
    return run_until(loop, [&] {
      server.accept();
      return server.connected() && server.heard().find("\r\n\r\n") != std::string::npos;
    });
  }
  /// Gets it while the server answers so.
  void get_answered(const std::string& answer) {
    KeptMaster kept(loop, place);
    get(kept);
    REQUIRE(asked());
    server.say(answer);
    server.hang_up();
    REQUIRE(done());
  }
  bool has_part() { return std::filesystem::exists(place.path() + ".part"); }
};

constexpr std::int64_t kDay_s = 86'400;

}  // namespace

TEST_CASE("a master holds until 08:30 in India, which is 03:00 UTC", "[instruments]") {
  // 2026-11-23 00:00 UTC.
  constexpr std::int64_t day = 1'795'392'000;
  constexpr std::int64_t hour = 3600;
  struct Case {
    const char* why;
    std::int64_t fetched, now;
    bool current;
  };
  const auto c = GENERATE(values<Case>({
      {"an hour ago, after it was made", day + 4 * hour, day + 5 * hour, true},
      {"the whole day", day + 3 * hour, day + 26 * hour, true},
      {"through the night", day + 4 * hour, day + 27 * hour - 1, true},
      {"until the next is made", day + 4 * hour, day + 27 * hour, false},
      {"a minute before it was made", day + 3 * hour - 60, day + 3 * hour, false},
      {"early in the morning the last day's holds", day - 10 * hour, day + 2 * hour, true},
      {"a day and a night ago", day - 20 * hour, day + 5 * hour, false},
      {"from a clock that was ahead", day + 6 * hour, day + 5 * hour, false},
  }));
  INFO(c.why);
  CHECK(is_current(c.fetched, c.now) == c.current);
}

TEST_CASE_METHOD(Fixture, "what is of today is taken as it is, nobody is asked", "[instruments]") {
  put(kMaster, 0);
  KeptMaster kept(loop, place);
  get(kept);
  REQUIRE(result);
  REQUIRE(*result);
  CHECK(result->value().path == place.path());
  CHECK(result->value().stale.empty());
  CHECK_FALSE(server.accept());
}

TEST_CASE_METHOD(Fixture, "what is not there is fetched, once", "[instruments]") {
  get_answered(http("200 OK", kMaster));
  REQUIRE(*result);
  CHECK(contents(place.path()) == kMaster);
  CHECK_FALSE(has_part());

  KeptMaster again(loop, place);
  get(again);
  REQUIRE(result);
  CHECK(server.accepted() == 1);
}

TEST_CASE_METHOD(Fixture, "what is of yesterday is fetched anew", "[instruments]") {
  put("old", kDay_s);
  get_answered(http("200 OK", kMaster));
  REQUIRE(*result);
  CHECK(result->value().stale.empty());
  CHECK(contents(place.path()) == kMaster);
}

TEST_CASE_METHOD(Fixture, "nothing that is broken takes the place of a good file",
                 "[instruments]") {
  struct Case {
    const char* why;
    std::string answer;
    const char* said;
  };
  const auto c = GENERATE(values<Case>({
      {"an error", http("503 Gone Fishing", "later"), "HTTP status 503"},
      {"half of it", http("200 OK", kMaster).substr(0, 150), ""},
      {"a page", http("200 OK", "<html>"), "what came is no instrument master"},
      {"no rows", http("200 OK", kMaster.substr(0, kMaster.size() - kRow.size())), "has no rows"},
      {"nothing", http("200 OK", ""), "what came is no instrument master"},
      {"no HTTP", "220 ready\r\n", ""},
      {"too long", "HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\nEXCH_ID", ""},
      {"to nowhere", http("302 Found", "", "Location: elsewhere\r\n"), "is no URL"},
  }));
  INFO(c.why);
  const std::string old = kMaster + kRow;
  put(old, 2 * kDay_s);
  get_answered(c.answer);
  REQUIRE(*result);  // the old one, two days old
  INFO(result->value().stale);
  CHECK(result->value().stale.find("cannot fetch the instrument master from http://127.0.0.1:") ==
        0);
  CHECK(result->value().stale.find(c.said) != std::string::npos);
  CHECK(result->value().stale.find("canary") == std::string::npos);
  CHECK(contents(place.path()) == old);
  CHECK_FALSE(has_part());
}

TEST_CASE_METHOD(Fixture, "without any file, or with one of last week, it is an error",
                 "[instruments]") {
  const auto age_s = GENERATE(std::int64_t{-1}, 8 * kDay_s);
  if (age_s >= 0) put(kMaster, age_s);
  get_answered(http("404 Not Found", ""));
  REQUIRE_FALSE(*result);
  CHECK(result->error().fault() == Fault::kUnavailable);
  const std::string text = result->error().what();
  CHECK(text.find("(the answer is HTTP status 404); write instruments as SEGMENT:ID") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a redirect is followed, but not for ever", "[instruments]") {
  KeptMaster kept(loop, place);
  get(kept);
  for (int i = 0; i < 3; ++i) {
    const int before = server.accepted();
    REQUIRE(run_until(loop, [&] {
      server.accept();
      return server.accepted() > before && server.heard().find("\r\n\r\n") != std::string::npos;
    }));
    server.say(http("302 Found", "", "Location: /moved\r\n"));
  }
  REQUIRE(run_until(loop, [&] {
    server.accept();
    return server.accepted() == 4 && server.heard().starts_with("GET /moved HTTP/1.1\r\n");
  }));
  SECTION("the fourth answer is it") {
    server.say(http("200 OK", kMaster));
    REQUIRE(done());
    REQUIRE(*result);
    CHECK(contents(place.path()) == kMaster);
  }
  SECTION("a fourth redirect is too much") {
    server.say(http("302 Found", "", "Location: /moved\r\n"));
    REQUIRE(done());
    REQUIRE_FALSE(*result);
    CHECK(std::string(result->error().what()).find("points on more than 3 times") !=
          std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture, "one process fetches, the other takes what it brought", "[instruments]") {
  std::filesystem::create_directories(place.directory);
  // Another process holds the lock: an open file of its own, as flock sees it.
  const int lock = open((place.path() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  KeptMaster kept(loop, place);
  get(kept);
  bool waited = false;
  loop::Timer later(loop, [&] { waited = true; });
  later.start(loop::Ms{250});
  REQUIRE(run_until(loop, [&] { return waited; }));
  CHECK_FALSE(result);
  CHECK_FALSE(server.accept());

  put(kMaster, 0);
  close(lock);
  REQUIRE(done());
  REQUIRE(*result);
  CHECK(result->value().path == place.path());
  CHECK_FALSE(server.accept());
}

TEST_CASE_METHOD(Fixture, "a cache that cannot be written is said, with the next move",
                 "[instruments]") {
  std::ofstream(dir / "cache") << "a file where the directory should be";
  KeptMaster kept(loop, place);
  get(kept);
  REQUIRE(result);
  REQUIRE_FALSE(*result);
  CHECK(result->error().fault() == Fault::kIo);
  const std::string text = result->error().what();
  CHECK(text.starts_with("cannot keep the instrument master at " + place.directory));
  CHECK(text.ends_with("set XDG_CACHE_HOME, or give the file with --master"));
}

TEST_CASE("the environment says where the master comes from and where it lies", "[instruments]") {
  unsetenv("DHANHQ_SCRIP_MASTER_URL");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/my/own", 1);
  CHECK(place_from_environment().url.label() ==
        "https://images.dhan.co/api-data/api-scrip-master.csv");
  CHECK(place_from_environment().path() == "/my/own/.cache/ltp/scrip-master.csv");
  setenv("XDG_CACHE_HOME", "/var/cache/me", 1);
  CHECK(place_from_environment().path() == "/var/cache/me/ltp/scrip-master.csv");
  setenv("XDG_CACHE_HOME", "relative", 1);
  CHECK(place_from_environment().directory == "/my/own/.cache/ltp");

  setenv("DHANHQ_SCRIP_MASTER_URL", "http://mirror/a.csv", 1);
  const auto one = place_from_environment();
  setenv("DHANHQ_SCRIP_MASTER_URL", "http://mirror/b.csv", 1);
  CHECK(one.file != place_from_environment().file);
  CHECK(one.file != "scrip-master.csv");

  setenv("DHANHQ_SCRIP_MASTER_URL", "ftp://mirror/b.csv", 1);
  CHECK_THROWS_AS(place_from_environment(), StartError);
  unsetenv("DHANHQ_SCRIP_MASTER_URL");
  unsetenv("HOME");
  CHECK_THROWS_AS(place_from_environment(), StartError);
}
