#include "loop/errors.hpp"
#include "loop/resolver.hpp"
#include "support/run_until.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace std::chrono_literals;
using namespace ltp::loop;

namespace {

struct Asked {
  std::vector<std::string> addresses;
  std::string error;
  int answers = 0;

  Resolver::Done done() {
    return [this](std::vector<std::string> got, std::string why) {
      addresses = std::move(got);
      error = std::move(why);
      ++answers;
    };
  }
};

}  // namespace

TEST_CASE("a numeric address is its own answer", "[resolver]") {
  const auto host = GENERATE("127.0.0.1", "::1", "203.0.113.9");
  Loop loop;
  Resolver resolver(loop);
  Asked asked;
  resolver.resolve(host, 5s, asked.done());
  CHECK(asked.answers == 0);  // never from inside
  loop.run();                 // ends: nothing is left to wait for
  CHECK(asked.answers == 1);
  CHECK(asked.addresses == std::vector<std::string>{host});
  CHECK(asked.error.empty());
}

TEST_CASE("localhost is an address of this machine", "[resolver]") {
  Loop loop;
  Resolver resolver(loop);
  Asked asked;
  resolver.resolve("localhost", 5s, asked.done());
  loop.run();
  REQUIRE(asked.answers == 1);
  CHECK(asked.error.empty());
  CHECK(asked.addresses == std::vector<std::string>{"127.0.0.1", "::1"});
}

TEST_CASE("a name that cannot be is an error with the system's words", "[resolver]") {
  const auto host = GENERATE("", "two words", "[::1]", "256.1.1.1.1.");
  INFO(host);
  Loop loop;
  Resolver resolver(loop);
  Asked asked;
  resolver.resolve(host, 10s, asked.done());
  loop.run();
  CHECK(asked.answers == 1);
  CHECK(asked.addresses.empty());
  CHECK_FALSE(asked.error.empty());
}

TEST_CASE("no answer comes after cancel, a new question or the end", "[resolver]") {
  Loop loop;
  std::optional<Resolver> resolver(std::in_place, loop);
  Asked first;
  Asked second;
  resolver->resolve("localhost", 5s, first.done());

  SECTION("cancel") {
    resolver->cancel();
    loop.run();
    CHECK(first.answers == 0);
  }
  SECTION("a new question") {
    resolver->resolve("127.0.0.1", 5s, second.done());
    loop.run();
    CHECK(first.answers == 0);
    CHECK(second.addresses == std::vector<std::string>{"127.0.0.1"});
  }
  SECTION("the end") {
    resolver.reset();
    loop.run();
    CHECK(first.answers == 0);
  }
}

TEST_CASE("the next question may be asked, or the resolver go, from the answer", "[resolver]") {
  Loop loop;
  std::optional<Resolver> resolver(std::in_place, loop);
  Asked second;
  const bool ask_again = GENERATE(true, false);
  int answers = 0;
  resolver->resolve("::1", 5s, [&](auto, auto) {
    ++answers;
    if (ask_again) {
      resolver->resolve("127.0.0.1", 5s, second.done());
    } else {
      resolver.reset();
    }
  });
  loop.run();
  CHECK(answers == 1);
  CHECK(second.answers == (ask_again ? 1 : 0));
}

TEST_CASE("an answer that takes too long is given up", "[resolver]") {
  Loop loop;
  Resolver resolver(loop);
  Asked asked;
  // A limit of nothing: the loop looks at its timers before it looks at answers.
  resolver.resolve("localhost", 0ms, asked.done());
  loop.run();
  CHECK(asked.answers == 1);
  CHECK(asked.error == "no answer within 0 s");
}

TEST_CASE("a limit is told in whole seconds if it is so many", "[resolver]") {
  CHECK(no_answer_within(5s) == "no answer within 5 s");
  CHECK(no_answer_within(250ms) == "no answer within 250 ms");
  CHECK(no_answer_within(1500ms) == "no answer within 1500 ms");
}
