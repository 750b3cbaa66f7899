#include "redis/address.hpp"

#include <catch2/catch.hpp>

using namespace ltp::redis;

TEST_CASE("parse_address reads each form", "[address]") {
  struct Case {
    const char* url;
    const char* host;
    int port;
    const char* path;
    const char* user;
    const char* password;
    int db;
    const char* label;
  };
  const auto c = GENERATE(values<Case>({
      {"redis://", "localhost", 6379, "", "", "", 0, "localhost:6379/0"},
      {"redis://localhost", "localhost", 6379, "", "", "", 0, "localhost:6379/0"},
      {"redis://localhost/", "localhost", 6379, "", "", "", 0, "localhost:6379/0"},
      {"redis://10.0.0.7:6380/3", "10.0.0.7", 6380, "", "", "", 3, "10.0.0.7:6380/3"},
      {"redis://:6380", "localhost", 6380, "", "", "", 0, "localhost:6380/0"},
      {"redis:///2", "localhost", 6379, "", "", "", 2, "localhost:6379/2"},
      {"redis://[::1]:6380/1", "::1", 6380, "", "", "", 1, "[::1]:6380/1"},
      {"redis://[fe80::1%25eth0]", "fe80::1%eth0", 6379, "", "", "", 0, "[fe80::1%eth0]:6379/0"},
      {"redis://:secret@cache", "cache", 6379, "", "", "secret", 0, "cache:6379/0"},
      {"redis://feed:secret@cache:1/15", "cache", 1, "", "feed", "secret", 15, "cache:1/15"},
      {"redis://feed@cache", "cache", 6379, "", "feed", "", 0, "cache:6379/0"},
      {"redis://:a%40b%3A%2F%25@cache", "cache", 6379, "", "", "a@b:/%", 0, "cache:6379/0"},
      {"redis://:a@b:c@cache", "cache", 6379, "", "", "a@b:c", 0, "cache:6379/0"},
      {"redis://%66eed:x@cache", "cache", 6379, "", "feed", "x", 0, "cache:6379/0"},
      {"unix:///run/redis.sock", "localhost", 6379, "/run/redis.sock", "", "", 0,
       "unix:/run/redis.sock"},
      {"redis+unix:///run/redis.sock?db=4", "localhost", 6379, "/run/redis.sock", "", "", 4,
       "unix:/run/redis.sock?db=4"},
      {"unix://feed:se%20cret@/run/a%20b.sock", "localhost", 6379, "/run/a b.sock", "feed",
       "se cret", 0, "unix:/run/a b.sock"},
      {"redis://h:65535/65535", "h", 65535, "", "", "", 65535, "h:65535/65535"},
  }));
  INFO(c.url);
  const auto result = parse_address(c.url);
  REQUIRE(result);
  const auto& address = result.value();
  CHECK(address.host == c.host);
  CHECK(address.port == c.port);
  CHECK(address.path == c.path);
  CHECK(address.user == c.user);
  CHECK(address.password == c.password);
  CHECK(address.db == c.db);
  CHECK(address.label() == c.label);
}

TEST_CASE("parse_address says what is wrong, and repeats nothing of the URL", "[address]") {
  constexpr const char* kScheme = "it does not begin with redis://, redis+unix:// or unix://";
  constexpr const char* kPort = "the port is not a number from 1 to 65535";
  constexpr const char* kDb = "the database is not a number from 0 to 65535";
  constexpr const char* kEscape = "a % is not followed by two hexadecimal digits";
  constexpr const char* kHost = "the host holds a blank or control character";
  constexpr const char* kPath = "the socket's path does not begin with /";
  struct Case {
    const char* url;
    const char* error;
  };
  const auto c = GENERATE_REF(values<Case>({
      {"", kScheme},
      {"localhost:6379", kScheme},
      {"http://localhost", kScheme},
      {"redis:localhost", kScheme},
      {"://", kScheme},
      {"rediss://localhost", "rediss:// (TLS) is not supported yet"},
      {"redis+sentinel://a,b/main", "redis+sentinel:// is not supported yet"},
      {"redis://h:0", kPort},
      {"redis://h:65536", kPort},
      {"redis://h:99999999999999999999", kPort},
      {"redis://h:", kPort},
      {"redis://h:+1", kPort},
      {"redis://h: 1", kPort},
      {"redis://h:12x", kPort},
      {"redis://[::1]6379", kPort},
      {"redis://::1", kPort},
      {"redis://[::1", "the IPv6 address lacks its closing bracket"},
      {"redis://h/-1", kDb},
      {"redis://h/x", kDb},
      {"redis://h/65536", kDb},
      {"redis://h/0/", kDb},
      {"redis://h/0\n", kDb},
      {"redis://:a%@h", kEscape},
      {"redis://:a%4@h", kEscape},
      {"redis://:a%zz@h", kEscape},
      {"redis://h%4", kEscape},
      {"redis://%+1", kEscape},
      {"redis://a b", kHost},
      {"redis://a%00b", kHost},
      {"redis://a%0ab", kHost},
      {"redis://h?db=1", "it has a part after a ?, which only a unix socket's may"},
      {"unix://", kPath},
      {"unix://run/redis.sock", kPath},
      {"unix:///a%00b", "the socket's path holds a NUL"},
      {"unix:///a?db=x", kDb},
      {"unix:///a?timeout=1", "after the ? only db=NUMBER may stand"},
      {"unix://u:p%@/a", kEscape},
  }));
  INFO(c.url);
  const auto result = parse_address(c.url);
  REQUIRE_FALSE(result);
  CHECK(result.error().text == c.error);
}

TEST_CASE("a label holds no password and nothing that could upset a terminal", "[address]") {
  const auto tcp = parse_address("redis://feed:hunter2@cache%1b[31m");
  REQUIRE_FALSE(tcp);
  const auto socket = parse_address("unix://feed:hunter2@/run/%1b[31m?db=1");
  REQUIRE(socket);
  CHECK(socket.value().label() == "unix:/run/\\x1b[31m?db=1");
}
