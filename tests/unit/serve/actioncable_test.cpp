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
  const auto wanted = actioncable::parse_identifier(c.identifier, Limits{});
  REQUIRE(wanted.has_value() == c.ours);
  if (wanted) CHECK(wanted->filter.all == c.all);
}

TEST_CASE("an identifier may ask for batches, and for no more keys than allowed",
          "[serve][actioncable]") {
  constexpr auto kTwo = R"({"channel":"DashboardChannel","keys":["NSE_EQ:1","IDX_I:*"],"batch":true})";
  const auto wanted = actioncable::parse_identifier(kTwo, {.keys = 2});
  REQUIRE(wanted);
  CHECK(wanted->batched);
  CHECK(wanted->filter.instruments == std::vector<Instrument>{{Segment::kNseEq, 1}});
  CHECK(wanted->filter.segments == mask_of(Segment::kIdxI));
  CHECK_FALSE(actioncable::parse_identifier(kTwo, {.keys = 1}));
  CHECK_FALSE(actioncable::parse_identifier(R"({"channel":"DashboardChannel","batch":1})", {}));
}

TEST_CASE("the extended commands are read", "[serve][actioncable]") {
  CHECK(std::holds_alternative<actioncable::Pong>(
      actioncable::parse_command(R"({"command":"pong"})")));

  const auto history = actioncable::parse_command(
      R"({"command":"history","identifier":"x","history":{"since":1767588300,)"
      R"("streams":{"s":{"epoch":"e1","offset":42},"odd":7,"none":{"epoch":"e1"}}}})");
  REQUIRE(std::holds_alternative<actioncable::History>(history));
  const auto& heard = std::get<actioncable::History>(history).heard;
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].stream == "s");
  CHECK(heard[0].epoch == "e1");
  CHECK(heard[0].offset == 42);

  const auto subscribe = actioncable::parse_command(
      R"({"command":"subscribe","identifier":"x","history":{"since":1767588300}})");
  REQUIRE(std::holds_alternative<actioncable::Subscribe>(subscribe));
  CHECK(std::get<actioncable::Subscribe>(subscribe).wants_history);
  CHECK(std::get<actioncable::Subscribe>(subscribe).heard.empty());

  CHECK(std::holds_alternative<actioncable::Bad>(
      actioncable::parse_command(R"({"command":"history","identifier":"x"})")));
}

TEST_CASE("what the server says, letter by letter", "[serve][actioncable]") {
  constexpr auto kIdentifier = R"({"channel":"DashboardChannel"})";
  CHECK(actioncable::welcome() == R"({"type":"welcome"})");
  CHECK(actioncable::ping(1767588330) == R"({"type":"ping","message":1767588330})");
  CHECK(actioncable::confirmation(kIdentifier) ==
        R"({"identifier":"{\"channel\":\"DashboardChannel\"}","type":"confirm_subscription"})");
  CHECK(actioncable::welcome("ab12") == R"({"type":"welcome","sid":"ab12"})");
  const std::vector<std::string> kept{"a", "{\"b\":1}"};
  CHECK(actioncable::welcome_back("ab12", kept) ==
        R"({"type":"welcome","sid":"ab12","restored":true,"restored_ids":["a","{\"b\":1}"]})");
  CHECK(actioncable::history_confirmation("x") == R"({"identifier":"x","type":"confirm_history"})");
  CHECK(actioncable::history_rejection("x") == R"({"identifier":"x","type":"reject_history"})");
  CHECK(actioncable::place_prefix("x", "s", "e") + "7" + std::string(actioncable::kPlaceInfix) +
            "{}" + std::string(actioncable::kDataSuffix) ==
        R"({"identifier":"x","stream_id":"s","epoch":"e","offset":7,"message":{}})");
  CHECK(actioncable::rejection("x") == R"({"identifier":"x","type":"reject_subscription"})");
  CHECK(actioncable::disconnect("server_restart", true) ==
        R"({"type":"disconnect","reason":"server_restart","reconnect":true})");
  CHECK(actioncable::data_prefix(kIdentifier) + R"({"a":1})" + std::string(actioncable::kDataSuffix) ==
        R"({"identifier":"{\"channel\":\"DashboardChannel\"}","message":{"a":1}})");
}
