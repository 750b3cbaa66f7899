#include "origin.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using ltp::serve::origin_allowed;
using ltp::serve::OriginList;

TEST_CASE("pages of the same host and of this machine may connect", "[serve][origin]") {
  struct Case {
    const char* origin;
    const char* host;
    bool may;
  };
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
  CHECK(origin_allowed({}, c.origin, c.host) == c.may);
}

TEST_CASE("a list lets in its pages and those of the same host", "[serve][origin]") {
  struct Case {
    std::vector<std::string> list;
    const char* origin;
    bool may;
  };
  const auto c = GENERATE(values<Case>({
      {{"https://a.example"}, "https://a.example", true},
      {{"https://A.example"}, "https://a.EXAMPLE", true},
      {{"https://a.example"}, "http://a.example", false},
      {{"https://a.example"}, "https://a.example:8443", false},
      {{"https://a.example:8443"}, "https://a.example:8443", true},
      {{"https://a.example"}, "https://prices.example", true},  // the same host
      {{"https://a.example"}, "http://localhost", false},       // only without a list
      {{"https://a.example"}, "", true},                        // no browser
      {{"https://a.example"}, "null", false},
      {{"https://*.example"}, "https://a.example", true},
      {{"https://*.example"}, "https://a.b.example", true},
      {{"https://*.example"}, "https://example", false},
      {{"https://*.a.example"}, "https://.a.example", false},
      {{"https://*.a.example"}, "https://evila.example", false},
      {{"https://*.a.example"}, "https://evil/.a.example", false},
      {{"https://a.example", "http://b.example"}, "http://b.example", true},
      {{"*"}, "https://anything.example", true},
      {{"*"}, "null", true},
  }));
  INFO(c.list[0] << " " << c.origin);
  const auto list = OriginList::parse(c.list);
  REQUIRE(list);
  CHECK(origin_allowed(list.value(), c.origin, "prices.example") == c.may);
}

TEST_CASE("what is no origin is refused by name", "[serve][origin]") {
  const auto text = GENERATE(as<std::string>{}, "", "a.example", "https://", "ftp://a.example",
                             "https://a.example/path", "https://a.*.example", "https://*");
  INFO(text);
  const auto list = OriginList::parse(std::vector<std::string>{"https://good.example", text});
  REQUIRE_FALSE(list);
  CHECK(list.error() ==
        "'" + text + "' is no origin, such as https://example.com, https://*.example.com or *");
}
