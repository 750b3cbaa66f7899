#include "instruments/http_url.hpp"

#include <catch2/catch.hpp>

using namespace ltp::instruments;

TEST_CASE("an http URL is taken apart", "[instruments]") {
  struct Case {
    const char* text;
    HttpUrl want;
    const char* label;
  };
  const auto c = GENERATE(values<Case>({
      {"https://images.dhan.co/api-data/a.csv",
       {true, "images.dhan.co", 443, "/api-data/a.csv"},
       "https://images.dhan.co/api-data/a.csv"},
      {"HTTP://mirror:8080/x?key=secret#top",
       {false, "mirror", 8080, "/x?key=secret"},
       "http://mirror:8080/x"},
      {"http://mirror", {false, "mirror", 80, "/"}, "http://mirror/"},
      {"https://mirror?x", {true, "mirror", 443, "/?x"}, "https://mirror/"},
      {"http://[::1]:81/", {false, "::1", 81, "/"}, "http://[::1]:81/"},
      {"https://mirror:80/", {true, "mirror", 80, "/"}, "https://mirror:80/"},
  }));
  INFO(c.text);
  const auto url = parse_http_url(c.text);
  REQUIRE(url);
  CHECK(*url == c.want);
  CHECK(url->label() == c.label);
}

TEST_CASE("what is no http URL is refused", "[instruments]") {
  const auto text = GENERATE(values<const char*>(
      {"", "mirror/x", "ftp://mirror/x", "https://", "https:///x", "https://:80/", "http://a:0/",
       "http://a:65536/", "http://a:8x/", "http://a:/", "http://user:word@a/", "http://a/b c",
       "http://a/b\r\nX: y", "http://[::1/", "http://[::1]x/", "file:///etc/passwd"}));
  INFO(text);
  CHECK_FALSE(parse_http_url(text));
}

TEST_CASE("a Location is read beside the URL that it came from", "[instruments]") {
  const HttpUrl base{true, "a", 8443, "/one/two?q"};
  CHECK(parse_location(base, "https://b/x") == HttpUrl{true, "b", 443, "/x"});
  CHECK(parse_location(base, "//b/x") == HttpUrl{true, "b", 443, "/x"});
  CHECK(parse_location(base, "/x?y#z") == HttpUrl{true, "a", 8443, "/x?y"});
  CHECK(parse_location(base, "http://b/x") == HttpUrl{false, "b", 80, "/x"});
  CHECK_FALSE(parse_location(base, ""));
  CHECK_FALSE(parse_location(base, "x"));
  CHECK_FALSE(parse_location(base, "/x\r\ny"));
}
