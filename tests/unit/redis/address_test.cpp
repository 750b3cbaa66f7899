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
      {"redis://h?db=3", "h", 6379, "", "", "", 3, "h:6379/3"},
      {"redis://h/?db=3", "h", 6379, "", "", "", 3, "h:6379/3"},
      {"redis://h?", "h", 6379, "", "", "", 0, "h:6379/0"},
      {"rediss://h:6380/1", "h", 6380, "", "", "", 1, "h:6380/1 over TLS"},
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

TEST_CASE("parse_address reads what stands after the ?", "[address]") {
  const auto plain = parse_address("redis://h?client_name=night%2Dcache");
  REQUIRE(plain);
  CHECK(plain.value().client_name == "night-cache");
  CHECK_FALSE(plain.value().tls);

  const auto system = parse_address("rediss://h");
  REQUIRE(system);
  REQUIRE(system.value().tls);
  CHECK(system.value().tls->ca_file.empty());
  CHECK(system.value().tls->cert_file.empty());

  const auto own = parse_address("rediss://h?ca=/etc/ca%20s.pem&cert=/c.pem&key=/k.pem&db=2");
  REQUIRE(own);
  CHECK(own.value().tls->ca_file == "/etc/ca s.pem");
  CHECK(own.value().tls->cert_file == "/c.pem");
  CHECK(own.value().tls->key_file == "/k.pem");
  CHECK(own.value().db == 2);

  const auto in_one_file = parse_address("rediss://h?cert=/both.pem");
  REQUIRE(in_one_file);
  CHECK(in_one_file.value().tls->key_file == "/both.pem");
}

TEST_CASE("parse_address reads sentinels", "[address]") {
  const auto few = parse_address("redis+sentinel://a,b:1,[::1]:2/main");
  REQUIRE(few);
  CHECK(few.value().sentinels == std::vector<HostPort>{{"a", 26379}, {"b", 1}, {"::1", 2}});
  CHECK(few.value().service == "main");
  CHECK(few.value().db == 0);
  CHECK_FALSE(few.value().tls);
  CHECK_FALSE(few.value().holds_secret());
  CHECK(few.value().label() == "main/0 by sentinels a:26379, b:1, [::1]:2");

  const auto all = parse_address(
      "rediss+sentinel://feed:redis%40s@a/m%61in/3?sentinel_user=asker"
      "&sentinel_password=sentinel%40s&ca=/ca.pem&client_name=x");
  REQUIRE(all);
  CHECK(all.value().sentinels == std::vector<HostPort>{{"a", 26379}});
  CHECK(all.value().service == "main");
  CHECK(all.value().user == "feed");
  CHECK(all.value().password == "redis@s");
  CHECK(all.value().sentinel_user == "asker");
  CHECK(all.value().sentinel_password == "sentinel@s");
  CHECK(all.value().db == 3);
  CHECK(all.value().client_name == "x");
  REQUIRE(all.value().tls);
  CHECK(all.value().tls->ca_file == "/ca.pem");
  CHECK(all.value().holds_secret());
  CHECK(all.value().label() == "main/3 by sentinels a:26379 over TLS");
}

TEST_CASE("parse_address says what is wrong, and repeats nothing of the URL", "[address]") {
  constexpr const char* kScheme =
      "it does not begin with redis://, rediss://, unix://, redis+unix://, redis+sentinel:// or "
      "rediss+sentinel://";
  constexpr const char* kOnly =
      "after the ? only db and client_name may stand, each once and with a value";
  constexpr const char* kOnlyTls =
      "after the ? only db, ca, cert, key and client_name may stand, each once and with a value";
  constexpr const char* kOnlySentinel =
      "after the ? only db, sentinel_user, sentinel_password and client_name may stand, each once "
      "and with a value";
  constexpr const char* kNoSentinel = "a sentinel's host is missing";
  constexpr const char* kNoMaster = "the master's name is missing: //sentinel/NAME";
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
      {"rediss+unix:///a", kScheme},
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
      {"redis://h/1?db=1", kOnly},
      {"redis://h?db=1&db=1", kOnly},
      {"redis://h?db=0&db=1", kOnly},
      {"redis://h?ca=/ca.pem", kOnly},
      {"redis://h?sentinel_password=x", kOnly},
      {"redis://h?client_name=", kOnly},
      {"redis://h?client_name", kOnly},
      {"redis://h?client_name=a&client_name=b", kOnly},
      {"redis://h?&", kOnly},
      {"redis://h?client_name=a%20b", "client_name holds a blank or control character"},
      {"redis://h?client_name=a%zz", kEscape},
      {"rediss://h?verify=no", kOnlyTls},
      {"rediss://h?ca=a%00b", "after the ? there is a NUL"},
      {"rediss://h?key=/key.pem", "there is a key without a cert"},
      {"redis+sentinel://a,b", kNoMaster},
      {"redis+sentinel://a,b/", kNoMaster},
      {"redis+sentinel://a,b//1", kNoMaster},
      {"redis+sentinel://a/a%20b", "the master's name holds a blank or control character"},
      {"redis+sentinel:///main", kNoSentinel},
      {"redis+sentinel://a,,b/main", kNoSentinel},
      {"redis+sentinel://:26379/main", kNoSentinel},
      {"redis+sentinel://a:0/main", kPort},
      {"redis+sentinel://a:1:2,b/main", kPort},
      {"redis+sentinel://a/main/x", kDb},
      {"redis+sentinel://a/main/0/1", kDb},
      {"redis+sentinel://a/main?ca=/x", kOnlySentinel},
      {"unix://", kPath},
      {"unix://run/redis.sock", kPath},
      {"unix:///a%00b", "the socket's path holds a NUL"},
      {"unix:///a?db=x", kDb},
      {"unix:///a?timeout=1", kOnly},
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
