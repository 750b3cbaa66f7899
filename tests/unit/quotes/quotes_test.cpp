#include "quotes/quotes.hpp"

#include "base/clock.hpp"
#include "base/fault.hpp"
#include "net/server.hpp"
#include "redis/client.hpp"
#include "support/redis_server.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>
#include <optional>

using namespace ltp;
using namespace ltp::quotes;

namespace {

constexpr Instrument kReliance{Segment::kNseEq, 2885};
constexpr Instrument kTcs{Segment::kNseEq, 11536};
constexpr Instrument kNifty{Segment::kIdxI, 13};
constexpr Instrument kNobody{Segment::kNseEq, 99};

/// A broker that keeps what it is asked, and answers as the test wants.
struct Broker : net::ServerHandler {
  struct Asked {
    std::int64_t at_ms;  // when it arrived: the broker counts then, and wants 1,000 between
    std::string body, token;
  };
  std::vector<Asked> asked;
  std::function<net::Response()> answer = [] {
    return net::Response{
        .body = R"({"data":{"NSE_EQ":{"2885":{"last_price":1393.4},"11536":{"last_price":3021.0}},)"
                R"("IDX_I":{"13":{"last_price":24857.3}}},"status":"success"})"};
  };
  bool silent = false;
  std::vector<net::Responder> waiting;

  void on_request(const net::Request& request, net::Responder respond) override {
    CHECK(request.method == "POST");
    CHECK(request.path == "/v2/marketfeed/ltp");
    CHECK(request.header("client-id") == "1000000001");
    asked.push_back({steady_ms(), std::string(request.body), request.header("access-token")});
    if (silent) return waiting.push_back(respond);
    respond.send(answer());
  }
  net::UpgradeAnswer on_upgrade(const net::Request&) override { return {.status = 404}; }
  void on_open(net::WsPeer&, const net::Request&) override {}
  void on_message(net::WsPeer&, std::string_view, bool) override {}
  void on_writable(net::WsPeer&) override {}
  void on_pong(net::WsPeer&) override {}
  void on_close(net::WsPeer&, int) override {}
};

struct World {
  loop::Loop loop;
  net::Context context{loop};
  Broker broker;
  net::Server server{context, {}, broker};
  std::vector<std::string> told;

  std::unique_ptr<Quotes> quotes(redis::Client* redis = nullptr, const std::string& file = {}) {
    setenv("DHANHQ_CLIENT_ID", "1000000001", 1);
    setenv("DHANHQ_ACCESS_TOKEN", "secret-canary", 1);
    return std::make_unique<Quotes>(
        loop, account::CredentialSource(file),
        instruments::HttpUrl{false, "127.0.0.1", server.port(), "/v2"}, redis,
        [this](const std::string& text, bool) { told.push_back(text); });
  }
  /// Asks and waits for the answer.
  Answer ask(Quotes& quotes, std::vector<Instrument> instruments,
             loop::Ms patience = loop::Ms{10'000}) {
    std::optional<Answer> answer;
    quotes.ask(instruments, {patience}, [&](Answer came) { answer = std::move(came); });
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    return *answer;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("who asks within 50 ms is answered by one request", "[quotes]") {
  World world;
  const auto quotes = world.quotes();
  std::vector<Answer> answers;
  const auto keep = [&](Answer answer) { answers.push_back(std::move(answer)); };
  quotes->ask(std::vector{kReliance, kNifty}, {loop::Ms{5000}}, keep);
  quotes->ask(std::vector{kReliance}, {loop::Ms{5000}}, keep);
  quotes->ask(std::vector{kNobody, kTcs}, {loop::Ms{5000}}, keep);
  REQUIRE(run_until(world.loop, [&] { return answers.size() == 3; }));
  REQUIRE(world.broker.asked.size() == 1);
  CHECK(world.broker.asked[0].body == R"({"IDX_I":[13],"NSE_EQ":[2885,99,11536]})");
  CHECK(world.broker.asked[0].token == "secret-canary");
  for (const auto& answer : answers) {
    if (answer.prices.size() == 1) CHECK(answer.prices == Texts{"1393.4"});
    if (answer.lack == Lack::kUnknown) {
      CHECK(answer.prices == Texts{"", "3021"});
      CHECK(answer.fetched == std::vector{false, true});
    }
  }

  SECTION("what came is remembered, and so is what did not") {
    const auto again = world.ask(*quotes, {kNobody, kReliance});
    CHECK(again.prices == Texts{"", "1393.4"});
    CHECK(again.fetched == std::vector{false, false});
    CHECK(again.lack == Lack::kUnknown);
    CHECK(world.broker.asked.size() == 1);
  }
  CHECK(world.told.empty());
}

TEST_CASE("an id that is asked for already is not asked for again", "[quotes]") {
  World world;
  world.broker.silent = true;
  const auto quotes = world.quotes();
  int answered = 0;
  const auto count = [&](Answer answer) { answered += answer.prices[0] == "1393.4"; };
  quotes->ask(std::vector{kReliance}, {loop::Ms{10'000}}, count);
  REQUIRE(run_until(world.loop, [&] { return !world.broker.waiting.empty(); }));
  quotes->ask(std::vector{kReliance, kTcs}, {loop::Ms{10'000}}, count);
  world.broker.silent = false;
  world.broker.waiting[0].send(world.broker.answer());
  REQUIRE(run_until(world.loop, [&] { return answered == 2; }));
  REQUIRE(world.broker.asked.size() == 2);
  CHECK(world.broker.asked[1].body == R"({"NSE_EQ":[11536]})");
  CHECK(world.broker.asked[1].at_ms - world.broker.asked[0].at_ms >= 1000);
}

TEST_CASE("a thousand ids go into one request, and turns are taken for more", "[quotes]") {
  World world;
  world.broker.answer = [] { return net::Response{.body = R"({"data":{},"status":"success"})"}; };
  const auto quotes = world.quotes();
  std::vector<Instrument> many;
  for (std::uint32_t id = 1; id <= 1500; ++id) many.push_back({Segment::kNseFno, id});
  world.ask(*quotes, many);
  REQUIRE(world.broker.asked.size() == 2);
  const auto count = [&](int i) {
    return std::count(world.broker.asked[i].body.begin(), world.broker.asked[i].body.end(), ',') + 1;
  };
  CHECK(count(0) == 1000);
  CHECK(count(1) == 500);
  CHECK(world.broker.asked[1].at_ms - world.broker.asked[0].at_ms >= 1000);
}

TEST_CASE("too much is refused at once", "[quotes]") {
  World world;
  world.broker.silent = true;
  const auto quotes = world.quotes();
  std::vector<Instrument> many;
  for (std::uint32_t id = 1; id <= 5000; ++id) many.push_back({Segment::kNseFno, id});
  const auto answer = world.ask(*quotes, many, loop::Ms{200});
  CHECK(answer.lack == Lack::kTooLate);
  const auto busy = world.ask(*quotes, {kReliance}, loop::Ms{200});
  CHECK(busy.lack >= Lack::kBusy);
}

TEST_CASE("prices go to Redis for 30 s, unless a newer one is there", "[quotes]") {
  RedisServer server;
  World world;
  redis::Client redis(world.loop, redis::parse_address(server.unix_url()).value(), "test", {});
  redis.start();
  REQUIRE(run_until(world.loop, [&] { return redis.up(); }));
  world.broker.silent = true;
  const auto quotes = world.quotes(&redis);
  bool answered = false;
  quotes->ask(std::vector{kReliance, kTcs, kNobody}, {loop::Ms{10'000}}, [&](Answer) { answered = true; });
  REQUIRE(run_until(world.loop, [&] { return !world.broker.waiting.empty(); }));
  server.cli("SET ltp:NSE_EQ:11536 3030.5");
  world.broker.waiting[0].send(world.broker.answer());
  REQUIRE(run_until(world.loop, [&] { return answered; }));
  REQUIRE(run_until(world.loop, [&] { return redis.unanswered() == 0; }));
  CHECK(server.cli("GET ltp:NSE_EQ:2885") == "1393.4");
  const auto life = std::stoi(server.cli("TTL ltp:NSE_EQ:2885"));
  CHECK((life == 30 || life == 29));
  CHECK(server.cli("GET ltp:NSE_EQ:11536") == "3030.5");
  CHECK(server.cli("EXISTS ltp:NSE_EQ:99") == "0");
}

TEST_CASE("what is wrong with the broker is told, and it is left in peace", "[quotes]") {
  struct Case { const char* why; net::Response answer; Lack lack; const char* told; int calls; };
  const auto page = [](int status) {
    return net::Response{.status = status, .content_type = "text/html", .body = "<html>"};
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"token refused", page(401), Lack::kRefused,
       "the broker refuses the token (HTTP status 401); renew it and start again", 1},
      {"rate limit", page(429), Lack::kHeldBack,
       "the broker limits the rate of requests (HTTP status 429)", 1},
      {"gateway", page(502), Lack::kTrouble, "the broker gives no quotes (HTTP status 502)", 2},
      {"redirect", {.status = 302, .headers = {{"location", "http://127.0.0.1:1/"}}}, Lack::kTrouble,
       "the broker gives no quotes (HTTP status 302, which points elsewhere and is not followed)", 2},
  }));
  INFO(c.why);
  World world;
  world.broker.answer = [&] { return c.answer; };
  const auto quotes = world.quotes();
  CHECK(world.ask(*quotes, {kReliance}).lack == c.lack);
  CHECK(world.ask(*quotes, {kReliance}, loop::Ms{1500}).lack == c.lack);
  CHECK(world.told == Texts{c.told});
  CHECK(world.broker.asked.size() == static_cast<std::size_t>(c.calls));
}

TEST_CASE("three failures open the breaker", "[quotes]") {
  World world;
  world.broker.answer = [] { return net::Response{.status = 500}; };
  const auto quotes = world.quotes();
  for (int i = 0; i < 5; ++i) CHECK(world.ask(*quotes, {kReliance}).lack == Lack::kTrouble);
  CHECK(world.broker.asked.size() == 3);
}

TEST_CASE("a new token is used as soon as it is in the file", "[quotes]") {
  World world;
  TempDir dir;
  const auto file = dir / "token";
  const auto write = [&](const char* token) {
    FILE* out = std::fopen(file.c_str(), "w");
    std::fputs(token, out);
    std::fclose(out);
  };
  write("old");
  const auto quotes = world.quotes(nullptr, file);
  world.broker.answer = [&] {
    return world.broker.asked.back().token == "new"
               ? net::Response{.body = R"({"data":{"IDX_I":{"13":{"last_price":1.5}}},)"
                                       R"("status":"success"})"}
               : net::Response{.status = 401};
  };
  CHECK(world.ask(*quotes, {kNifty}).why ==
        "the broker refuses the token (HTTP status 401); renew it in " + file);
  write("new");
  CHECK(world.ask(*quotes, {kNifty}).prices == Texts{"1.5"});
  CHECK(world.told.size() == 2);
  CHECK(world.told.back().empty());
}

TEST_CASE("who has waited long enough is answered, and a silent broker is given up", "[quotes]") {
  World world;
  world.broker.silent = true;
  const auto quotes = world.quotes();
  const auto before = steady_ms();
  const auto late = world.ask(*quotes, {kReliance}, loop::Ms{300});
  CHECK(late.lack == Lack::kTooLate);
  CHECK(steady_ms() - before < 1500);
  CHECK(world.ask(*quotes, {kReliance}).lack == Lack::kTrouble);
  CHECK(world.broker.asked.size() == 1);
}

TEST_CASE("a server that is not there", "[quotes]") {
  World world;
  setenv("DHANHQ_BASE_URL", "http://127.0.0.1:1/v2/", 1);
  const auto url = base_url_from_environment();
  CHECK(url == instruments::HttpUrl{false, "127.0.0.1", 1, "/v2"});
  for (const char* bad : {"ftp://a/", "api.dhan.co", "https://user:secret@a/", "https://a/?x=y"}) {
    setenv("DHANHQ_BASE_URL", bad, 1);
    CHECK_THROWS_AS(base_url_from_environment(), StartError);
  }
  unsetenv("DHANHQ_BASE_URL");
  CHECK(base_url_from_environment() ==
        instruments::HttpUrl{true, "api.dhan.co", 443, "/v2"});
  Quotes quotes(world.loop, account::CredentialSource({}), url, nullptr, [](const std::string&, bool) {});
  const auto answer = world.ask(quotes, {kReliance});
  CHECK(answer.lack == Lack::kTrouble);
  CHECK(answer.why == "the broker gives no quotes (no connection (127.0.0.1: Connection refused))");
}
