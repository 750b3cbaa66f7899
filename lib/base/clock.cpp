#include "base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace ltp {

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
  constexpr std::int64_t kYear0 = -62167219200;
  constexpr std::int64_t kYear9999End = 253402300799;
  const std::chrono::sys_seconds local{std::chrono::seconds{
      kIndiaOffset_s + std::clamp(utc_s, kYear0 - kIndiaOffset_s, kYear9999End - kIndiaOffset_s)}};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{local - day};

  char text[] = "0000-00-00T00:00:00+05:30";
  const auto two = [&text](int at, unsigned n) {
    text[at] = static_cast<char>('0' + n / 10 % 10);
    text[at + 1] = static_cast<char>('0' + n % 10);
  };
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  two(0, year / 100);
  two(2, year % 100);
  two(5, static_cast<unsigned>(date.month()));
  two(8, static_cast<unsigned>(date.day()));
  two(11, static_cast<unsigned>(time.hours().count()));
  two(14, static_cast<unsigned>(time.minutes().count()));
  two(17, static_cast<unsigned>(time.seconds().count()));
  out.append(text, sizeof text - 1);
}

std::string ist(std::int64_t utc_s) {
  std::string out;
  append_ist(out, utc_s);
  return out;
}

}  // namespace ltp
