#pragma once

#include "base/result.hpp"
#include "tick/segment.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ltp {

/// "hours:12: there is no segment 'NSE'": file, line and what is wrong there.
struct SessionsError {
  std::string text;
};

/// When each segment trades: hours of the week, holidays, special sessions.
///
/// Time    Indian wall clock in the file, seconds since 1970 UTC here. A session does not
///         run over midnight.
/// Text    ltp-hours(5) describes it. A segment that no calendar names never trades.
/// Pure    No clock, no file: same text, same answers.
class Sessions {
 public:
  /// Open day and night: for a simulator, or markets without hours.
  static Sessions always();
  /// As shipped: NSE, BSE and MCX.
  static Sessions built_in();

  /// Since when the session that is on at `utc_s` has been on; none: closed.
  std::optional<std::int64_t> opened_at(Segment segment, std::int64_t utc_s) const;

  /// Whether each calendar that has holidays at all lists some of that year.
  bool lists_holidays(int year) const;

 private:
  friend class SessionsParser;
  struct Interval {
    int from_s, to_s;  // of the day
  };
  struct Weekly {
    unsigned days;  // bit 0 is Sunday
    Interval time;
    int first_day, last_day;  // since 1970
  };
  struct Calendar {
    std::string name;
    std::vector<Weekly> weekly;
    std::map<int, std::vector<Interval>> closed;   // by day since 1970
    std::map<int, std::vector<Interval>> special;  // instead of all else
  };
  static std::vector<Interval> sessions_on(const Calendar& calendar, int day);

  static constexpr std::size_t kSegments = 9;  // the broker's numbers
  bool always_ = false;
  std::vector<Calendar> calendars_;
  std::array<int, kSegments> calendar_of_ = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
};

/// `name` is for messages: the file's.
Result<Sessions, SessionsError> parse_sessions(std::string_view text, std::string_view name);

}  // namespace ltp
