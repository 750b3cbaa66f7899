#include "tick/ndjson.hpp"
#include "tick/price_text.hpp"

#include <catch2/catch.hpp>

#include <charconv>
#include <limits>
#include <string>

using namespace ltp;

namespace {

std::string price_text(float price) {
  std::string out;
  ndjson::append_price(out, price);
  return out;
}

/// 284735 to "2847.35", by whole numbers only; no zero stands at the end.
std::string paise_text(int paise) {
  std::string out = std::to_string(paise / 100);
  const int rest = paise % 100;
  if (rest == 0) return out;
  out += '.';
  out += static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) out += static_cast<char>('0' + rest % 10);
  return out;
}

/// What the broker sends for a price of so many paise: the nearest binary32.
float as_sent(const std::string& decimal) {
  float price = 0;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), price);
  return price;
}

}  // namespace

TEST_CASE("a price is written as the exchange wrote it", "[tick]") {
  struct Case { float price; const char* text; };
  const auto c = GENERATE(values<Case>({
      {2847.35f, "2847.35"},  // 2847.35009765625 as a double
      {0.05f, "0.05"},        // 0.05000000074505806
      {99999.95f, "99999.95"},
      {83.2475f, "83.2475"},  // currency: four decimals
      {24515.35f, "24515.35"},
      {0.0025f, "0.0025"},
      {0.01f, "0.01"},
      {0.1f, "0.1"},
      {1388.f, "1388"},
      {100000.f, "100000"},   // not 1e+05
      {131071.95f, "131071.95"},
      {131072.05f, "131072.05"},
      {131072.15f, "131072.16"},  // from 131072 on the step is 1/64: the paisa is lost
      {16777216.f, "16777216"},
      {0.f, "0"},
      {-0.f, "0"},
      {-0.01f, "-0.01"},
      {std::numeric_limits<float>::max(), "340282346638528859811704183484516925440"},
      {std::numeric_limits<float>::min(), "0.000000000000000000000000000000000000011754944"},
      {std::numeric_limits<float>::denorm_min(), "0.000000000000000000000000000000000000000000001"},
      {std::numeric_limits<float>::lowest(), "-340282346638528859811704183484516925440"},
  }));
  CHECK(price_text(c.price) == c.text);
}

TEST_CASE("every price on a tick of 5 paise below 131072 comes back to the letter", "[tick]") {
  int wrong = 0;
  for (int paise = 5; paise < 13'107'200; paise += 5) {
    const auto text = paise_text(paise);
    if (price_text(as_sent(text)) != text && ++wrong < 5) FAIL_CHECK(text);
  }
  CHECK(wrong == 0);
}

TEST_CASE("prices of any number of paise below 131072 come back to the letter", "[tick]") {
  int wrong = 0;
  for (int paise = 1; paise < 13'107'200; paise += 13) {
    const auto text = paise_text(paise);
    if (price_text(as_sent(text)) != text && ++wrong < 5) FAIL_CHECK(text);
  }
  CHECK(wrong == 0);
}

TEST_CASE("a price text is a JSON number above zero", "[tick]") {
  for (const char* good : {"1393.4", "3021.0", "100000", "0.05", "83.2475", "1e5", "1.5E+3", "1e-3",
                           "0.00000001", "1797693134862315700000000", "9007199254740993"}) {
    INFO(good);
    CHECK(is_price_text(good));
  }
  for (const char* bad : {"", "0", "0.0", "-0", "-1", "1e400", "1e-400", ".5", "5.", "05", "00", "+5", " 5",
                          "5 ", "5\n", "1,5", "1.2.3", "1e", "1e+", "1.e5", "0x10", "nan", "inf",
                          "infinity", "1_000", "12a", "null", "\"5\""}) {
    INFO(bad);
    CHECK_FALSE(is_price_text(bad));
  }
  CHECK_FALSE(is_price_text({"5\0", 2}));
}
