#include "dhan/disconnect.hpp"
#include "dhan/frame.hpp"
#include "json/json.hpp"
#include "support/hex.hpp"
#include "tick/ndjson.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <string>

using namespace ltp;
using namespace ltp::dhan;

namespace {

constexpr std::size_t kCases = 100;

/// A price as the vectors have it: null if not finite; compared as binary32.
void check_price(const Json& want, const char* name, float got) {
  INFO(name);
  if (want.at(name).is_null()) {
    CHECK_FALSE(std::isfinite(got));
    return;
  }
  const auto text = dump_json(want.at(name));  // the decimal as it stands in the file
  float value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  CHECK(got == value);
}

void check_depth(const Json& want, const Depth& got) {
  REQUIRE(want.at("depth").size() == got.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto& level = want.at("depth")[i];
    check_price(level, "bid_price", got[i].bid_price);
    check_price(level, "ask_price", got[i].ask_price);
    CHECK(level.at("bid_qty") == got[i].bid_qty);
    CHECK(level.at("ask_qty") == got[i].ask_qty);
    CHECK(level.at("bid_orders") == got[i].bid_orders);
    CHECK(level.at("ask_orders") == got[i].ask_orders);
  }
}

void check_time(const Json& want, std::uint32_t raw) {
  CHECK(want.at("ltt_raw") == raw);
  const auto utc = trade_time_utc(raw);
  CHECK(want.at("ltt_utc") == (utc ? Json(*utc) : Json(nullptr)));
}

void check_day(const Json& want, const DayFigures& got) {
  CHECK(want.at("ltq") == got.last_qty);
  CHECK(want.at("volume") == got.volume);
  CHECK(want.at("total_sell_qty") == got.sell_qty);
  CHECK(want.at("total_buy_qty") == got.buy_qty);
  check_price(want, "atp", got.average_price);
  check_price(want, "open", got.open);
  check_price(want, "close", got.close);
  check_price(want, "high", got.high);
  check_price(want, "low", got.low);
}

void check_ltp(const Json& want, const Header& header, float got) {
  check_price(want, "ltp", got);
  const bool publishable =
      is_price(got) && segment_from_code(header.segment) && header.security_id > 0;
  CHECK(want.at("publishable") == publishable);
  if (!publishable) return;
  std::string text;
  ndjson::append_price(text, got);
  CHECK(want.at("ltp_text") == text);
}

struct CheckBody {
  const Json& want;
  const Header& header;
  void operator()(const Index&) const { CHECK(want.at("type") == "index"); }
  void operator()(const Ticker& got) const {
    CHECK(want.at("type") == "ticker");
    check_ltp(want, header, got.ltp);
    check_time(want, got.trade_time_raw);
  }
  void operator()(const Quote& got) const {
    CHECK(want.at("type") == "quote");
    check_ltp(want, header, got.ltp);
    check_time(want, got.trade_time_raw);
    check_day(want, got.day);
  }
  void operator()(const Full& got) const {
    CHECK(want.at("type") == "full");
    check_ltp(want, header, got.ltp);
    check_time(want, got.trade_time_raw);
    check_day(want, got.day);
    CHECK(want.at("oi") == got.open_interest);
    CHECK(want.at("oi_day_high") == got.oi_day_high);
    CHECK(want.at("oi_day_low") == got.oi_day_low);
    check_depth(want, got.depth);
  }
  void operator()(const Depth5& got) const {
    CHECK(want.at("type") == "depth5");
    check_ltp(want, header, got.ltp);
    check_depth(want, got.depth);
  }
  void operator()(const OpenInterest& got) const {
    CHECK(want.at("type") == "oi");
    CHECK(want.at("oi") == got.open_interest);
  }
  void operator()(const PrevClose& got) const {
    CHECK(want.at("type") == "prev_close");
    check_price(want, "prev_close", got.price);
    CHECK(want.at("prev_oi") == got.open_interest);
  }
  void operator()(const MarketStatus&) const { CHECK(want.at("type") == "market_status"); }
  void operator()(const Disconnect& got) const {
    CHECK(want.at("type") == "disconnect");
    CHECK(want.at("reason") == got.reason);
    CHECK(want.at("action") == to_text(next_move(got.reason)));
  }
};

void check_packet(const Json& want, const Packet& got, std::size_t offset) {
  CHECK(want.at("offset") == offset);
  CHECK(want.at("code") == got.header.code);
  CHECK(want.at("length") == got.header.length);
  CHECK(want.at("segment_code") == got.header.segment);
  CHECK(want.at("security_id") == got.header.security_id);
  const auto segment = segment_from_code(got.header.segment);
  CHECK(want.at("segment") == (segment ? Json(segment_name(*segment)) : Json(nullptr)));
  CHECK(want.at("key") == (segment ? Json(std::string(segment_name(*segment)) + ":" +
                                          std::to_string(got.header.security_id))
                                   : Json(nullptr)));
  std::visit(CheckBody{want, got.header}, got.body);
}

Json to_json(const IssueAt& at) {
  Json json{{"kind", to_text(at.issue)}, {"offset", at.offset}};
  switch (at.issue) {
    case Issue::kShortHeader: json["have"] = at.have; break;
    case Issue::kUnknownCode:
      json["code"] = at.code;
      json["length"] = at.length;
      break;
    case Issue::kTruncated:
      json["code"] = at.code;
      json["have"] = at.have;
      json["need"] = at.need;
      break;
    case Issue::kBadLength: json["length"] = at.length; break;
    case Issue::kExtraBytes: json["count"] = at.count; break;
    case Issue::kNonFinite: json["field"] = at.field; break;
    case Issue::kUnknownSegment: break;
  }
  return json;
}

}  // namespace

TEST_CASE("every vector of the live feed decodes as expected", "[dhan][vectors]") {
  std::ifstream file(LTP_SOURCE_DIR "/tests/vectors/dhanhq/packets.ndjson");
  std::size_t cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const auto vector = parse_json(line);
    INFO(vector.at("name").get<std::string>());
    const auto bytes = from_hex(vector.at("hex").get<std::string>());
    const auto& want = vector.at("expect").at("packets");

    std::size_t packets = 0;
    std::set<Json> issues;
    split(
        bytes,
        [&](const Packet& packet, std::size_t offset) {
          REQUIRE(packets < want.size());
          check_packet(want[packets++], packet, offset);
        },
        [&](const IssueAt& at) { issues.insert(to_json(at)); });
    CHECK(packets == want.size());
    const auto& expected = vector.at("expect").at("issues");
    CHECK(issues == std::set<Json>(expected.begin(), expected.end()));
  }
  CHECK(cases == kCases);
}
