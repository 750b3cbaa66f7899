#include "base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace ltp {
namespace {

/// A second by the calendar of a zone; of a year with four digits, so that texts keep their
/// shape.
struct Civil {
  Civil(std::int64_t utc_s, std::int64_t offset_s)
      : local(std::chrono::seconds{
            offset_s + std::clamp(utc_s, kYear0 - offset_s, kYear9999End - offset_s)}) {}

  static constexpr std::int64_t kYear0 = -62167219200;
  static constexpr std::int64_t kYear9999End = 253402300799;

  std::chrono::sys_seconds local;
  std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(local);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss<std::chrono::seconds> time{local - day};
};

void put_two(char* at, unsigned n) {
  at[0] = static_cast<char>('0' + n / 10 % 10);
  at[1] = static_cast<char>('0' + n % 10);
}

void put_year(char* at, const Civil& civil) {
  const auto year = static_cast<unsigned>(static_cast<int>(civil.date.year()));
  put_two(at, year / 100);
  put_two(at + 2, year % 100);
}

/// With a colon already between the numbers.
void put_time(char* at, const Civil& civil) {
  put_two(at, static_cast<unsigned>(civil.time.hours().count()));
  put_two(at + 3, static_cast<unsigned>(civil.time.minutes().count()));
  put_two(at + 6, static_cast<unsigned>(civil.time.seconds().count()));
}

}  // namespace

std::int64_t wall_us() noexcept {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t steady_ms() noexcept {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void append_ist(std::string& out, std::int64_t utc_s) {
  constexpr std::int64_t kIndiaOffset_s = 19800;
  const Civil civil(utc_s, kIndiaOffset_s);
  char text[] = "0000-00-00T00:00:00+05:30";
  put_year(text, civil);
  put_two(text + 5, static_cast<unsigned>(civil.date.month()));
  put_two(text + 8, static_cast<unsigned>(civil.date.day()));
  put_time(text + 11, civil);
  out.append(text, sizeof text - 1);
}

std::string ist(std::int64_t utc_s) {
  std::string out;
  append_ist(out, utc_s);
  return out;
}

void append_http_date(std::string& out, std::int64_t utc_s) {
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const Civil civil(utc_s, 0);
  char text[] = "Sun, 00 Jan 0000 00:00:00 GMT";
  kDays.copy(text, 3, 3 * std::chrono::weekday(civil.day).c_encoding());
  put_two(text + 5, static_cast<unsigned>(civil.date.day()));
  kMonths.copy(text + 8, 3, 3 * (static_cast<unsigned>(civil.date.month()) - 1));
  put_year(text + 12, civil);
  put_time(text + 17, civil);
  out.append(text, sizeof text - 1);
}

}  // namespace ltp
