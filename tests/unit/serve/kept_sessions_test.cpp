#include "kept_sessions.hpp"

#include <catch2/catch.hpp>

using namespace ltp::serve;

TEST_CASE("a session is given back once, and not after its time", "[serve][anycable]") {
  KeptSessions kept;
  kept.keep("a", {"x", "y"}, 1000);
  kept.keep("b", {"z"}, 1000);
  CHECK(kept.take("a", 2000) == std::vector<std::string>{"x", "y"});
  CHECK_FALSE(kept.take("a", 2000));
  CHECK_FALSE(kept.take("b", 1000 + KeptSessions::kLife_ms));
  CHECK_FALSE(kept.take("c", 0));
  CHECK_FALSE(kept.take("", 0));
}

TEST_CASE("a session that is still open is given up for who comes back", "[serve][anycable]") {
  KeptSessions kept;
  int given_up = 0;
  const auto give_up = [&] {
    ++given_up;
    kept.keep("a", {"x"}, 1000);
  };
  kept.open("a", give_up);
  CHECK(kept.take("a", 1000) == std::vector<std::string>{"x"});
  CHECK_FALSE(kept.take("a", 1000));
  CHECK(given_up == 1);
  kept.open("b", give_up);
  kept.close("b");
  CHECK_FALSE(kept.take("b", 1000));
  CHECK(given_up == 1);
}

TEST_CASE("kept sessions take no more than their bytes; the oldest go", "[serve][anycable]") {
  KeptSessions kept;
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) kept.keep(std::to_string(i), {large}, i);
  CHECK_FALSE(kept.take("0", 100));
  CHECK_FALSE(kept.take("4", 100));
  CHECK(kept.take("19", 100));
}

TEST_CASE("ids are long and no two are alike", "[serve][anycable]") {
  CHECK(KeptSessions::new_id().size() == 32);
  CHECK(KeptSessions::new_id() != KeptSessions::new_id());
}
