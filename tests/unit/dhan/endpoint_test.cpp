#include "dhan/disconnect.hpp"
#include "dhan/endpoint.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace ltp::dhan;

TEST_CASE("an endpoint is taken apart and shows no secret", "[dhan]") {
  struct Case { const char* url; const char* host; int port; const char* label; const char* resource; };
  const auto c = GENERATE(values<Case>({
      {"wss://api-feed.dhan.co", "api-feed.dhan.co", 443, "wss://api-feed.dhan.co",
       "/?version=2&token=a%2Bb%2F%3D&clientId=10%2000&authType=2"},
      {"ws://127.0.0.1:8080/feed?x=1&token=old&y", "127.0.0.1", 8080, "ws://127.0.0.1:8080",
       "/feed?x=1&y&version=2&token=a%2Bb%2F%3D&clientId=10%2000&authType=2"},
      {"ws://[::1]:80?version=1#f", "::1", 80, "ws://[::1]",
       "/?version=2&token=a%2Bb%2F%3D&clientId=10%2000&authType=2"},
  }));
  INFO(c.url);
  const auto endpoint = parse_endpoint(c.url);
  REQUIRE(endpoint);
  CHECK(endpoint.value().host() == c.host);
  CHECK(endpoint.value().port() == c.port);
  CHECK(endpoint.value().label() == c.label);
  CHECK(endpoint.value().resource({"10 00", "a+b/="}) == c.resource);
}

TEST_CASE("a URL that is none is refused without being repeated", "[dhan]") {
  struct Case { const char* url; const char* said; };
  const auto c = GENERATE(values<Case>({
      {"", "the scheme is not ws:// or wss://"},
      {"https://api-feed.dhan.co", "the scheme is not ws:// or wss://"},
      {"ws://", "the host is missing"},
      {"ws://:80", "the host is missing"},
      {"ws://h:0", "the port is not a number from 1 to 65535"},
      {"ws://h:", "the port is not a number from 1 to 65535"},
      {"ws://h:65536", "the port is not a number from 1 to 65535"},
      {"ws://h:8o", "the port is not a number from 1 to 65535"},
      {"ws://[::1", "the bracket round the address is not closed"},
      {"ws://[::1]x", "what follows the address is no port"},
      {"ws://me:secret@h", "the URL has a user part; credentials come from the environment"},
      {"ws://@h", "the URL has a user part; credentials come from the environment"},
      {"ws://[]:80", "the host is missing"},
      {"ws://[fe80::1%25eth0]", "the host is no name and no address"},
      {"ws://api-feed.dhan%2Eco", "the host is no name and no address"},
      {"ws://h\\evil", "the host is no name and no address"},
      {"ws://\"h\"", "the host is no name and no address"},
      {"ws://h:80:81", "the port is not a number from 1 to 65535"},
      {"ws://h:+80", "the port is not a number from 1 to 65535"},
      {"ws://h/a b", "the URL has blanks or bytes that are not ASCII"},
      {"ws://h/\r\nX: y", "the URL has blanks or bytes that are not ASCII"},
  }));
  INFO(c.url);
  const auto endpoint = parse_endpoint(c.url);
  REQUIRE_FALSE(endpoint);
  CHECK(endpoint.error().text == c.said);
}

TEST_CASE("every byte that is not unreserved is percent-encoded", "[dhan]") {
  CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encode(" !&=#?/%+") == "%20%21%26%3D%23%3F%2F%25%2B");
  CHECK(percent_encode(std::string_view("\0\r\n\xc3\xa9\xff", 6)) == "%00%0D%0A%C3%A9%FF");
  CHECK(percent_encode("").empty());
}

TEST_CASE("a credential cannot add a parameter or end the request", "[dhan]") {
  const auto endpoint = parse_endpoint("wss://api-feed.dhan.co");
  REQUIRE(endpoint);
  CHECK(endpoint.value().resource({"1&version=1", "t HTTP/1.1\r\nX: y"}) ==
        "/?version=2&token=t%20HTTP%2F1.1%0D%0AX%3A%20y&clientId=1%26version%3D1&authType=2");
}

TEST_CASE("the broker's own hosts are known", "[dhan]") {
  const auto live = [](const char* url) { return parse_endpoint(url).value().is_live_broker(); };
  CHECK(live("wss://api-feed.dhan.co"));
  CHECK(live("wss://API-FEED.Dhan.Co."));
  CHECK(live("ws://dhan.co:81/x"));
  CHECK_FALSE(live("wss://api-feed.dhan.co.example"));
  CHECK_FALSE(live("wss://notdhan.co"));
  CHECK_FALSE(live("ws://127.0.0.1"));
}

TEST_CASE("reasons have words and a next move", "[dhan]") {
  struct Case { std::uint16_t reason; NextMove move; };  // section 6.1 of the broker's codes
  const auto c = GENERATE(values<Case>({
      {800, NextMove::kRetry},      {804, NextMove::kBadRequest}, {805, NextMove::kCooldown},
      {806, NextMove::kFatal},      {807, NextMove::kNewToken},   {808, NextMove::kFatal},
      {809, NextMove::kNewToken},   {810, NextMove::kFatal},      {811, NextMove::kBadRequest},
      {812, NextMove::kBadRequest}, {813, NextMove::kBadRequest}, {814, NextMove::kBadRequest},
      {801, NextMove::kRetry},      {0, NextMove::kRetry},        {65535, NextMove::kRetry},
  }));
  INFO(c.reason);
  CHECK(next_move(c.reason) == c.move);
  CHECK(describe(c.reason).find(std::to_string(c.reason)) != std::string::npos);
}

TEST_CASE("a reason is told in words, an unknown one by its number", "[dhan]") {
  CHECK(describe(807) == "access token expired (807)");
  CHECK(describe(899) == "reason 899");
  CHECK(to_text(NextMove::kBadRequest) == "bad_request");
  CHECK(next_move_http(401) == NextMove::kNewToken);
  CHECK(next_move_http(403) == NextMove::kNewToken);
  CHECK(next_move_http(429) == NextMove::kCooldown);
  CHECK(next_move_http(502) == NextMove::kRetry);
}
