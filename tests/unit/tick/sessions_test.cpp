#include "tick/sessions.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <string_view>

using namespace ltp;

namespace {

/// Seconds since 1970 UTC of an Indian wall clock.
std::int64_t at(int year, unsigned month, unsigned day, int hour, int minute, int second = 0) {
  using namespace std::chrono;
  const sys_days date{year_month_day{std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day)}};
  return date.time_since_epoch().count() * 86'400LL + hour * 3600 + minute * 60 + second - 19'800;
}

Sessions parse(std::string_view text) {
  auto sessions = parse_sessions(text, "hours");
  REQUIRE(sessions);
  return std::move(sessions).value();
}

}  // namespace

TEST_CASE("a session lasts from its first second to the one before its end", "[tick]") {
  const auto hours = parse("calendar equity NSE_EQ IDX_I\nopen equity mon-fri 09:15-15:30\n");
  const auto opens = at(2026, 11, 23, 9, 15);  // a Monday
  CHECK_FALSE(hours.opened_at(Segment::kNseEq, opens - 1));
  CHECK(hours.opened_at(Segment::kNseEq, opens) == opens);
  CHECK(hours.opened_at(Segment::kIdxI, at(2026, 11, 23, 15, 29, 59)) == opens);
  CHECK_FALSE(hours.opened_at(Segment::kNseEq, at(2026, 11, 23, 15, 30)));
  CHECK_FALSE(hours.opened_at(Segment::kNseEq, at(2026, 11, 22, 11, 0)));  // Sunday
  CHECK_FALSE(hours.opened_at(Segment::kNseEq, at(2026, 11, 21, 11, 0)));  // Saturday
  CHECK_FALSE(hours.opened_at(Segment::kMcxComm, opens));                  // in no calendar
  CHECK(hours.lists_holidays(2051));  // it has none
}

TEST_CASE("holidays close, wholly or in part, and special sessions stand alone", "[tick]") {
  const auto hours = parse(
      "\xef\xbb\xbf# by hand\r\n"
      "calendar mcx MCX_COMM\r\n"
      "open mcx daily 09:00-23:30   # every day\r\n"
      "open mcx mon-fri 23:30-23:55 2026-11-02..2026-11-30\r\n"
      "closed mcx 2026-11-24 09:00-17:00 half a holiday\r\n"
      "closed mcx 2026-12-25 Christmas\r\n"
      "closed mcx 2026-11-08 Laxmi Pujan\r\n"
      "special mcx 2026-11-08 18:00-19:15 Muhurat");
  const auto since = [&](std::int64_t utc_s) { return hours.opened_at(Segment::kMcxComm, utc_s); };
  CHECK_FALSE(since(at(2026, 11, 24, 16, 59, 59)));
  CHECK(since(at(2026, 11, 24, 17, 0)) == at(2026, 11, 24, 17, 0));
  CHECK(since(at(2026, 11, 24, 23, 54)) == at(2026, 11, 24, 17, 0));  // two hours, one session
  CHECK_FALSE(since(at(2026, 11, 24, 23, 55)));
  CHECK_FALSE(since(at(2026, 12, 1, 23, 40)));  // past the range
  CHECK_FALSE(since(at(2026, 12, 25, 12, 0)));
  CHECK_FALSE(since(at(2026, 11, 8, 17, 59, 59)));
  CHECK(since(at(2026, 11, 8, 19, 14, 59)) == at(2026, 11, 8, 18, 0));
  CHECK_FALSE(since(at(2026, 11, 8, 19, 15)));
  CHECK(since(at(2026, 11, 22, 12, 0)) == at(2026, 11, 22, 9, 0));  // daily: a Sunday
}

TEST_CASE("the hours as shipped", "[tick]") {
  const auto hours = Sessions::built_in();
  struct Case { Segment segment; std::int64_t moment; bool open; };
  const auto c = GENERATE(values<Case>({
      {Segment::kNseEq, at(2026, 11, 23, 9, 14, 59), false},
      {Segment::kNseFno, at(2026, 11, 23, 9, 15), true},
      {Segment::kBseEq, at(2026, 11, 23, 15, 29), true},
      {Segment::kIdxI, at(2026, 11, 23, 15, 30), false},
      {Segment::kBseFno, at(2026, 11, 24, 11, 0), false},     // Guru Nanak Jayanti
      {Segment::kNseCurrency, at(2026, 11, 23, 16, 59), true},
      {Segment::kBseCurrency, at(2026, 8, 26, 12, 0), false},  // Id-E-Milad, currency only
      {Segment::kNseEq, at(2026, 8, 26, 12, 0), true},
      {Segment::kNseCurrency, at(2026, 1, 15, 12, 0), false},  // municipal elections
      {Segment::kMcxComm, at(2026, 1, 15, 16, 59, 59), false},
      {Segment::kMcxComm, at(2026, 1, 15, 17, 0), true},
      {Segment::kMcxComm, at(2026, 1, 1, 16, 59), true},       // New Year closes the evening
      {Segment::kMcxComm, at(2026, 1, 1, 17, 0), false},
      {Segment::kMcxComm, at(2026, 3, 6, 23, 54), true},       // the last Friday of winter
      {Segment::kMcxComm, at(2026, 3, 9, 23, 30), false},      // the first Monday of summer
      {Segment::kMcxComm, at(2026, 10, 30, 23, 30), false},    // the last Friday of summer
      {Segment::kMcxComm, at(2026, 11, 2, 23, 30), true},      // the first Monday of winter
      {Segment::kMcxComm, at(2026, 11, 23, 23, 54), true},     // winter in the USA
      {Segment::kMcxComm, at(2026, 7, 1, 23, 31), false},      // summer
      {Segment::kMcxComm, at(2026, 11, 24, 10, 0), false},     // the morning of a holiday
      {Segment::kMcxComm, at(2026, 11, 24, 18, 0), true},
      {Segment::kMcxComm, at(2026, 12, 25, 18, 0), false},
      {Segment::kNseEq, at(2026, 2, 1, 12, 0), true},          // a Sunday with a budget
      {Segment::kNseEq, at(2026, 2, 8, 12, 0), false},
  }));
  INFO(c.moment);
  CHECK(hours.opened_at(c.segment, c.moment).has_value() == c.open);
  CHECK(hours.lists_holidays(2026));
  CHECK_FALSE(hours.lists_holidays(2027));
}

TEST_CASE("always is always", "[tick]") {
  const auto hours = Sessions::always();
  CHECK(hours.opened_at(Segment::kNseEq, at(2026, 11, 22, 3, 0)));
  CHECK(hours.opened_at(Segment::kMcxComm, 0));
  CHECK(hours.lists_holidays(2051));
}

TEST_CASE("moments that no calendar means are closed", "[tick]") {
  const auto hours = Sessions::built_in();
  for (const std::int64_t moment : {INT64_MIN, std::int64_t{-1}, std::int64_t{1} << 60, INT64_MAX})
    CHECK_FALSE(hours.opened_at(Segment::kNseEq, moment));
}

TEST_CASE("a bad line is named", "[tick]") {
  struct Case { std::string text; std::string said; };
  const std::string good = "calendar e NSE_EQ\n";
  const auto c = GENERATE_COPY(values<Case>({
      {"", "hours: there is no calendar in it"},
      {"# only words\n", "hours: there is no calendar in it"},
      {"open e mon-fri 09:15-15:30\n", "hours:1: there is no calendar 'e' above"},
      {"calendar\n", "hours:1: the name of a calendar is missing"},
      {"calendar e\n", "hours:1: the segments of the calendar are missing"},
      {"calendar e NSE\n", "hours:1: there is no segment 'NSE'"},
      {good + good, "hours:2: the calendar e is there already"},
      {good + "calendar f nse_eq\n", "hours:2: nse_eq has a calendar already"},
      {good + "shut e 2026-01-01 x\n", "hours:2: 'shut' is none of calendar, open, closed, special"},
      {good + "open e mo-fr 09:15-15:30\n", "hours:2: 'mo-fr' is no days, such as mon-fri"},
      {good + "open e mon 15:30-09:15\n", "hours:2: '15:30-09:15' is no time, such as 09:15-15:30"},
      {good + "open e mon 09:15\n", "hours:2: '09:15' is no time"},
      {good + "open e mon 09:60-10:00\n", "hours:2: '09:60-10:00' is no time"},
      {good + "open e mon 23:00-24:01\n", "hours:2: '23:00-24:01' is no time"},
      {good + "open e mon 9:00-10:00\n", "hours:2: '9:00-10:00' is no time"},
      {good + "open e mon 09:00-10:00 2026-02-01..2026-01-01\n", "hours:2: '2026-02-01..2026-01-01' is no range"},
      {good + "open e mon 09:00-10:00 2026-01-01..2026-02-01 x\n", "hours:2: 'x' is too much"},
      {good + "closed e 2026-02-30 x\n", "hours:2: '2026-02-30' is no date, such as 2026-01-26"},
      {good + "closed e 2026-2-3 x\n", "hours:2: '2026-2-3' is no date"},
      {good + "closed e 2026-02-03\n", "hours:2: the name of the day is missing"},
      {good + "closed e 2026-02-03 09:00-10:00\n", "hours:2: the name of the day is missing"},
      {good + "special e 2026-02-03 Muhurat\n", "hours:2: 'Muhurat' is no time"},
      {std::string("calendar e NSE_EQ\0\n", 19), "hours:1: there is no segment 'NSE_EQ\\x00'"},
      {std::string(100'000, 'x'), "hours:1: the name of a calendar is missing"},
  }));
  INFO(c.text.substr(0, 80));
  const auto sessions = parse_sessions(c.text, "hours");
  REQUIRE_FALSE(sessions);
  CHECK(sessions.error().text.substr(0, c.said.size()) == c.said);
}
