#include "actioncable.hpp"

#include <catch2/catch.hpp>

using namespace ltp;
using namespace ltp::serve;

TEST_CASE("commands of ActionCable are read", "[serve][actioncable]") {
  const auto subscribe = actioncable::parse_command(
      R"({"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"})");
  REQUIRE(std::holds_alternative<actioncable::Subscribe>(subscribe));
  CHECK(std::get<actioncable::Subscribe>(subscribe).identifier ==
        R"({"channel":"DashboardChannel"})");
  CHECK(std::holds_alternative<actioncable::Unsubscribe>(
      actioncable::parse_command(R"({"command":"unsubscribe","identifier":"x"})")));
  CHECK(std::holds_alternative<actioncable::Message>(actioncable::parse_command(
      R"({"command":"message","identifier":"x","data":"{\"action\":\"name\"}"})")));

  const auto* bad = GENERATE("", "nonsense", "[]", "7", R"({"command":"subscribe"})",
                             R"({"command":"subscribe","identifier":{"channel":"x"}})",
                             R"({"command":7,"identifier":"x"})", R"({"identifier":"x"})",
                             R"({"command":"fly","identifier":"x"})", "{\"command\":\"\xff\"}");
  INFO(bad);
  CHECK(std::holds_alternative<actioncable::Bad>(actioncable::parse_command(bad)));
}

TEST_CASE("an identifier names our channel, or is refused", "[serve][actioncable]") {
  struct Case { const char* identifier; bool ours; bool all; };
  const auto c = GENERATE(values<Case>({
      {R"({"channel":"DashboardChannel"})", true, true},
      {R"({ "channel" : "dashboard_updates" })", true, true},
      {R"({"channel":"DashboardChannel","keys":["NSE_EQ:2885"]})", true, false},
      {R"({"channel":"DashboardChannel","keys":["NSE_EQ:2885","*"]})", true, true},
      {R"({"channel":"DashboardChannel","keys":[]})", false, false},
      {R"({"channel":"DashboardChannel","keys":"NSE_EQ:2885"})", false, false},
      {R"({"channel":"DashboardChannel","keys":["RELIANCE"]})", false, false},
      {R"({"channel":"ChatChannel"})", false, false},
      {R"({"channel":7})", false, false},
      {"DashboardChannel", false, false},
      {"", false, false},
  }));
  INFO(c.identifier);
  const auto filter = actioncable::parse_identifier(c.identifier);
  REQUIRE(filter.has_value() == c.ours);
  if (filter) CHECK(filter->all == c.all);
}

TEST_CASE("what the server says, letter by letter", "[serve][actioncable]") {
  constexpr auto kIdentifier = R"({"channel":"DashboardChannel"})";
  CHECK(actioncable::welcome() == R"({"type":"welcome"})");
  CHECK(actioncable::ping(1767588330) == R"({"type":"ping","message":1767588330})");
  CHECK(actioncable::confirmation(kIdentifier) ==
        R"({"identifier":"{\"channel\":\"DashboardChannel\"}","type":"confirm_subscription"})");
  CHECK(actioncable::rejection("x") == R"({"identifier":"x","type":"reject_subscription"})");
  CHECK(actioncable::disconnect("server_restart", true) ==
        R"({"type":"disconnect","reason":"server_restart","reconnect":true})");
  CHECK(actioncable::data_prefix(kIdentifier) + R"({"a":1})" + std::string(actioncable::kDataSuffix) ==
        R"({"identifier":"{\"channel\":\"DashboardChannel\"}","message":{"a":1}})");
}
