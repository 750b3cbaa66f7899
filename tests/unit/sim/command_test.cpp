#include "command.hpp"

#include "dhan/frame.hpp"
#include "malformed.hpp"
#include "market.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace ltp;
using namespace ltp::sim;

namespace {

template <class Told>
Told parsed(std::string_view text) {
  INFO(text);
  const auto command = parse_command(text);
  REQUIRE(command);
  REQUIRE(std::holds_alternative<Told>(command.value()));
  return std::get<Told>(command.value());
}

}  // namespace

TEST_CASE("a command is a word with parameters", "[sim][command]") {
  CHECK_FALSE(parsed<command::Mute>("mute").key);
  CHECK(parsed<command::Mute>("mute?key=NSE_EQ:2885").key == Instrument{Segment::kNseEq, 2885});
  CHECK(parsed<command::Mute>("mute?key=nse_eq%3A2885").key == Instrument{Segment::kNseEq, 2885});
  CHECK_FALSE(parsed<command::HalfOpen>("half-open").new_too);
  CHECK(parsed<command::HalfOpen>("half-open?new=1").new_too);

  const auto all = parsed<command::Cut>("cut?after=0");
  CHECK(all.after == 0);
  CHECK_FALSE(all.times);
  CHECK_FALSE(all.reset);
  const auto next = parsed<command::Cut>("cut?reset=1&times=3&after=2000");
  CHECK(next.after == 2000);
  CHECK(next.times == 3u);
  CHECK(next.reset);

  CHECK(parsed<command::Disconnect>("disconnect?code=65535").code == 65'535);
  const auto refuse = parsed<command::Refuse>("refuse?status=429&text=slow+down%21");
  CHECK(refuse.status == 429);
  CHECK_FALSE(refuse.times);
  CHECK(refuse.text == "slow down!");

  CHECK(parsed<command::Inject>("malformed?kind=nan").kind == Malformed::kNan);
  CHECK(parsed<command::Drip>("drip?bytes=1&ms=20").ms == 20);
  CHECK(parsed<command::Oversize>("oversize").bytes == 1'048'577);
  CHECK_FALSE(parsed<command::Stall>("stall").ms);
  CHECK(parsed<command::Clock>("clock?offset_s=-3600").offset_s == -3600);
  CHECK(parsed<command::Rate>("rate?hz=0.5").hz == 0.5);
  const auto quotes = parsed<command::Quotes>("quotes?kind=html&status=502&late_ms=20000&times=2");
  CHECK(quotes.kind == BadQuote::kHtml);
  CHECK(quotes.status == 502);
  CHECK(quotes.late_ms == 20'000);
  CHECK(quotes.times == 2u);
  CHECK(parsed<command::Quotes>("quotes?kind=redirect&to=http%3A%2F%2Fa%2F").to == "http://a/");
  parsed<command::Expire>("expire");
  parsed<command::Freeze>("freeze?");
  parsed<command::Heal>("heal");
}

TEST_CASE("a command that is none says what is wrong with it", "[sim][command]") {
  struct Case { const char* text; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"", "there is no fault ''"},
      {"hail", "there is no fault 'hail'"},
      {"mute&key=NSE_EQ:1", "there is no fault 'mute&key=NSE_EQ:1'"},
      {"heal\n", "there is no fault 'heal\\x0a'"},
      {"mute?key=2885", "mute: '2885' is no instrument such as NSE_EQ:2885"},
      {"mute?kay=NSE_EQ:1", "mute: there is no parameter 'kay'"},
      {"cut", "cut: after is missing"},
      {"cut?after=", "cut: after is a number from 0 to 1000000000, not ''"},
      {"cut?after=1k", "cut: after is a number from 0 to 1000000000, not '1k'"},
      {"cut?after=-1", "cut: after is a number from 0 to 1000000000, not '-1'"},
      {"cut?after=1&times=0", "cut: times is a number from 1 to 1000000, not '0'"},
      {"cut?after=1&after=2", "cut: there is no parameter 'after'"},
      {"disconnect?code=65536", "disconnect: code is a number from 0 to 65535, not '65536'"},
      {"refuse?status=101", "refuse: status is a number from 200 to 599, not '101'"},
      {"malformed?kind=odd",
       "malformed: kind is one of truncated, length, code, segment, nan, infinite, zero, negative, "
       "empty, text, garbage, frame"},
      {"batch?packets=5001", "batch: packets is a number from 1 to 5000, not '5001'"},
      {"drip?bytes=1", "drip: ms is missing"},
      {"rate?hz=nan", "rate: hz is a number from 0.001 to 100000, not 'nan'"},
      {"quotes", "quotes: kind, status or late_ms says what is wrong with them"},
      {"quotes?kind=odd", "quotes: kind is one of html, truncated, zero, missing, redirect"},
      {"quotes?kind=redirect", "quotes: kind=redirect and to=URL go together"},
      {"quotes?status=500&to=http://a/", "quotes: kind=redirect and to=URL go together"},
      {"heal?now=1", "heal: there is no parameter 'now'"},
  }));
  INFO(c.text);
  const auto command = parse_command(c.text);
  REQUIRE_FALSE(command);
  CHECK(command.error().text == c.said);
  CHECK(command.error().unknown == std::string_view(c.said).starts_with("there is no fault"));
}

TEST_CASE("a malformed message is wrong in the one way it says", "[sim][malformed]") {
  Market market(1, {}, false);
  const Day& day = *market.open_day({Segment::kNseEq, 2885}, 1767588330);
  const auto mode = GENERATE(TickKind::kTicker, TickKind::kQuote, TickKind::kFull);
  const auto whole = mode == TickKind::kTicker ? 16u : mode == TickKind::kQuote ? 50u : 162u;

  struct Seen {
    std::vector<dhan::Packet> packets;
    std::vector<dhan::Issue> issues;
    std::size_t size = 0;
    Form form = Form::kRaw;
  };
  const auto see = [&](Malformed kind) {
    Seen seen;
    const auto bad = make_malformed(kind, day, mode);
    dhan::split(
        std::as_bytes(std::span(bad.bytes)),
        [&](const dhan::Packet& packet, std::size_t) { seen.packets.push_back(packet); },
        [&](const dhan::IssueAt& at) { seen.issues.push_back(at.issue); });
    seen.size = bad.bytes.size();
    seen.form = bad.form;
    return seen;
  };
  const auto price_of = [](const dhan::Packet& packet) {
    if (const auto* ticker = std::get_if<dhan::Ticker>(&packet.body)) return ticker->ltp;
    if (const auto* quote = std::get_if<dhan::Quote>(&packet.body)) return quote->ltp;
    return std::get<dhan::Full>(packet.body).ltp;
  };

  CHECK(see(Malformed::kTruncated).size == whole - 1);
  CHECK(see(Malformed::kTruncated).packets.empty());
  CHECK(see(Malformed::kLength).packets.size() == 3);  // by the table
  CHECK(see(Malformed::kLength).issues.size() == 3);
  const auto code = see(Malformed::kCode);
  REQUIRE(code.packets.size() == 1);
  CHECK(price_of(code.packets[0]) == day.ltp);
  CHECK(code.issues.size() == 1);
  CHECK(see(Malformed::kSegment).packets.at(0).header.segment == 6);
  CHECK(std::isnan(price_of(see(Malformed::kNan).packets.at(0))));
  CHECK(std::isinf(price_of(see(Malformed::kInfinite).packets.at(0))));
  CHECK(price_of(see(Malformed::kZero).packets.at(0)) == 0);
  CHECK(price_of(see(Malformed::kNegative).packets.at(0)) < 0);
  CHECK(see(Malformed::kEmpty).size == 0);
  CHECK(see(Malformed::kText).form == Form::kText);
  CHECK(see(Malformed::kGarbage).packets.empty());
  CHECK(see(Malformed::kFrame).form == Form::kRaw);
}
