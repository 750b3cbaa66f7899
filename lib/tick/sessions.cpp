#include "tick/sessions.hpp"

#include "base/text.hpp"
#include "tick/built_in_hours.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>
#include <limits>

namespace ltp {
namespace {

constexpr std::int64_t kIndiaOffset_s = 19800;
constexpr int kDay_s = 86'400;
constexpr unsigned kWholeWeek = 0x7f;
constexpr std::string_view kDayNames[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::string_view next_word(std::string_view& rest) {
  rest = trim(rest);
  const auto word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

/// Exactly `digits` digits.
std::optional<int> number(std::string_view text, std::size_t digits) {
  int value = 0;
  if (text.size() != digits || text[0] == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "09:15", up to "24:00".
std::optional<int> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2), 2);
  const auto minute = number(text.substr(3), 2);
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const int second = *hour * 3600 + *minute * 60;
  return second <= kDay_s ? std::optional(second) : std::nullopt;
}

/// "2026-01-26", as days since 1970.
std::optional<int> date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4), 4);
  const auto month = number(text.substr(5, 2), 2);
  const auto day = number(text.substr(8), 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day read{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!read.ok()) return std::nullopt;
  return std::chrono::sys_days(read).time_since_epoch().count();
}

int year_of(int day) {
  return static_cast<int>(
      std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day))).year());
}

std::optional<unsigned> day_of_week(std::string_view name) {
  const auto* const found = std::find(std::begin(kDayNames), std::end(kDayNames), name);
  if (found == std::end(kDayNames)) return std::nullopt;
  return static_cast<unsigned>(found - std::begin(kDayNames));
}

/// "mon", "mon-fri", "daily"; a bit per day.
std::optional<unsigned> days_of_week(std::string_view text) {
  if (text == "daily") return kWholeWeek;
  const auto dash = text.find('-');
  const auto first = day_of_week(text.substr(0, dash));
  const auto last = dash == text.npos ? first : day_of_week(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned days = 0;
  for (unsigned day = *first;; day = (day + 1) % 7) {
    days |= 1u << day;
    if (day == *last) return days;
  }
}

/// One bad line; caught where its number is known.
struct BadLine {
  std::string why;
};

}  // namespace

class SessionsParser {
 public:
  Sessions parse(std::string_view text, std::string_view name) {
    for (std::size_t line_number = 1; !text.empty(); ++line_number) {
      auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line_number == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);  // a BOM
      try {
        read_line(line.substr(0, line.find('#')));
      } catch (const BadLine& bad) {
        throw SessionsError{cat(name, ":", line_number, ": ", bad.why)};
      }
    }
    if (made_.calendars_.empty()) throw SessionsError{cat(name, ": there is no calendar in it")};
    return std::move(made_);
  }

 private:
  using Interval = Sessions::Interval;

  void read_line(std::string_view rest) {
    const auto verb = next_word(rest);
    if (verb.empty()) return;
    const auto name = next_word(rest);
    if (name.empty()) throw BadLine{"the name of a calendar is missing"};
    if (verb == "calendar") return read_calendar(name, rest);
    if (verb == "open") return read_open(find(name), rest);
    if (verb == "closed") return read_closed(find(name), rest);
    if (verb == "special") return read_special(find(name), rest);
    throw BadLine{cat("'", printable(verb), "' is none of calendar, open, closed, special")};
  }

  Sessions::Calendar& find(std::string_view name) {
    for (auto& calendar : made_.calendars_)
      if (calendar.name == name) return calendar;
    throw BadLine{cat("there is no calendar '", printable(name), "' above")};
  }

  void read_calendar(std::string_view name, std::string_view rest) {
    for (const auto& calendar : made_.calendars_)
      if (calendar.name == name) throw BadLine{cat("the calendar ", printable(name), " is there already")};
    const auto index = static_cast<int>(made_.calendars_.size());
    made_.calendars_.push_back({.name = std::string(name), .weekly = {}, .closed = {}, .special = {}});
    auto word = next_word(rest);
    if (word.empty()) throw BadLine{"the segments of the calendar are missing"};
    for (; !word.empty(); word = next_word(rest)) {
      const auto segment = segment_from_name(word);
      if (!segment) throw BadLine{cat("there is no segment '", printable(word), "'")};
      auto& place = made_.calendar_of_[static_cast<std::size_t>(*segment)];
      if (place >= 0) throw BadLine{cat(word, " has a calendar already")};
      place = index;
    }
  }

  void read_open(Sessions::Calendar& calendar, std::string_view rest) {
    Sessions::Weekly weekly{.days = 0,
                            .time = {},
                            .first_day = std::numeric_limits<int>::min(),
                            .last_day = std::numeric_limits<int>::max()};
    const auto days = next_word(rest);
    if (const auto read = days_of_week(days)) {
      weekly.days = *read;
    } else {
      throw BadLine{cat("'", printable(days), "' is no days, such as mon-fri")};
    }
    weekly.time = interval(next_word(rest));
    if (const auto range = next_word(rest); !range.empty()) {
      const auto dots = range.find("..");
      const auto first = date(range.substr(0, dots));
      const auto last = dots == range.npos ? std::nullopt : date(range.substr(dots + 2));
      if (!first || !last || *first > *last)
        throw BadLine{cat("'", printable(range), "' is no range, such as 2026-03-09..2026-10-30")};
      weekly.first_day = *first;
      weekly.last_day = *last;
    }
    if (!trim(rest).empty()) throw BadLine{cat("'", printable(trim(rest)), "' is too much")};
    calendar.weekly.push_back(weekly);
  }

  void read_closed(Sessions::Calendar& calendar, std::string_view rest) {
    const int day = day_of(next_word(rest));
    auto name = rest;
    const auto word = next_word(rest);
    const bool part = !word.empty() && word[0] >= '0' && word[0] <= '9';
    const auto time = part ? interval(word) : Interval{0, kDay_s};
    need_name(part ? rest : name);
    calendar.closed[day].push_back(time);
  }

  void read_special(Sessions::Calendar& calendar, std::string_view rest) {
    const int day = day_of(next_word(rest));
    const auto time = interval(next_word(rest));
    need_name(rest);
    calendar.special[day].push_back(time);
  }

  static int day_of(std::string_view word) {
    const auto day = date(word);
    if (!day) throw BadLine{cat("'", printable(word), "' is no date, such as 2026-01-26")};
    return *day;
  }

  static Interval interval(std::string_view word) {
    const auto dash = word.find('-');
    const auto from = time_of_day(word.substr(0, dash));
    const auto to = dash == word.npos ? std::nullopt : time_of_day(word.substr(dash + 1));
    if (!from || !to || *from >= *to)
      throw BadLine{cat("'", printable(word), "' is no time, such as 09:15-15:30")};
    return {*from, *to};
  }

  static void need_name(std::string_view rest) {
    if (trim(rest).empty()) throw BadLine{"the name of the day is missing"};
  }

  Sessions made_;
};

Result<Sessions, SessionsError> parse_sessions(std::string_view text, std::string_view name) {
  try {
    return SessionsParser().parse(text, name);
  } catch (const SessionsError& error) {
    return error;
  }
}

Sessions Sessions::always() {
  Sessions made;
  made.always_ = true;
  return made;
}

Sessions Sessions::built_in() {
  auto made = parse_sessions(kBuiltInHours, "the hours as shipped");
  assert(made);
  return std::move(made).value();
}

/// In order, none touching another.
std::vector<Sessions::Interval> Sessions::sessions_on(const Calendar& calendar, int day) {
  std::vector<Interval> on;
  const auto special = calendar.special.find(day);
  if (special != calendar.special.end()) {
    on = special->second;
  } else {
    const std::chrono::weekday weekday{std::chrono::sys_days(std::chrono::days(day))};
    for (const auto& weekly : calendar.weekly)
      if ((weekly.days >> weekday.c_encoding() & 1) != 0 && day >= weekly.first_day &&
          day <= weekly.last_day)
        on.push_back(weekly.time);
    const auto closed = calendar.closed.find(day);
    if (closed != calendar.closed.end())
      for (const auto& hole : closed->second) {
        std::vector<Interval> left;
        for (const auto& time : on) {
          if (time.from_s < hole.from_s) left.push_back({time.from_s, std::min(time.to_s, hole.from_s)});
          if (time.to_s > hole.to_s) left.push_back({std::max(time.from_s, hole.to_s), time.to_s});
        }
        on = std::move(left);
      }
  }
  std::sort(on.begin(), on.end(),
            [](const Interval& a, const Interval& b) { return a.from_s < b.from_s; });
  std::vector<Interval> merged;
  for (const auto& time : on) {
    if (!merged.empty() && time.from_s <= merged.back().to_s) {
      merged.back().to_s = std::max(merged.back().to_s, time.to_s);
    } else {
      merged.push_back(time);
    }
  }
  return merged;
}

std::optional<std::int64_t> Sessions::opened_at(Segment segment, std::int64_t utc_s) const {
  if (always_) return 0;
  const int index = calendar_of_[static_cast<std::size_t>(segment)];
  // No calendar speaks of such times, and days are counted in an int.
  constexpr std::int64_t kYear9999_s = 253'402'300'799;
  if (index < 0 || utc_s < 0 || utc_s > kYear9999_s) return std::nullopt;
  const auto local_s = utc_s + kIndiaOffset_s;
  const auto day = static_cast<int>(local_s / kDay_s);
  const auto time = static_cast<int>(local_s % kDay_s);
  for (const auto& on : sessions_on(calendars_[static_cast<std::size_t>(index)], day))
    if (time >= on.from_s && time < on.to_s) return utc_s - (time - on.from_s);
  return std::nullopt;
}

bool Sessions::lists_holidays(int year) const {
  return std::all_of(calendars_.begin(), calendars_.end(), [&](const Calendar& calendar) {
    return calendar.closed.empty() ||
           std::any_of(calendar.closed.begin(), calendar.closed.end(),
                       [&](const auto& entry) { return year_of(entry.first) == year; });
  });
}

}  // namespace ltp
