#include "origin.hpp"

#include <catch2/catch.hpp>

using ltp::serve::origin_allowed;

TEST_CASE("pages of the same host and of this machine may connect", "[serve][origin]") {
  struct Case { const char* origin; const char* host; bool may; };
  const auto c = GENERATE(values<Case>({
      {"", "prices.example", true},  // no browser
      {"https://prices.example", "prices.example", true},
      {"http://prices.example:3000", "prices.example:3000", true},
      {"http://localhost:5173", "prices.example", true},
      {"http://127.0.0.1", "prices.example", true},
      {"http://[::1]:3000", "prices.example", true},
      {"https://evil.example", "prices.example", false},
      {"https://prices.example.evil.example", "prices.example", false},
      {"https://prices.example:8443", "prices.example", false},
      {"https://localhost.evil.example", "prices.example", false},
      {"null", "prices.example", false},
      {"file://", "prices.example", false},
      {"chrome-extension://localhost", "prices.example", false},
  }));
  INFO(c.origin);
  CHECK(origin_allowed(c.origin, c.host) == c.may);
}
