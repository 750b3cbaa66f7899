#include "status_line.hpp"

#include <catch2/catch.hpp>

using ltp::feed::Feed;
using ltp::feed::status_line;

TEST_CASE("the line on the terminal tells what is known, and nothing else", "[feed]") {
  CHECK(status_line({.state = "disconnected", .open = 0, .wanted = 1}, 0) ==
        "disconnected 0/1 | 0 ticks/s");
  CHECK(status_line({.state = "connected",
                     .open = 2,
                     .wanted = 2,
                     .ticks = 4000,
                     .merged = 120,
                     .reconnects = 1,
                     .lag_ms = 1999,
                     .tick_age_ms = 249},
                    812) ==
        "connected 2/2 | 812 ticks/s | lag 1 s | last tick 0.2 s ago | 1 reconnect | 120 merged");
  CHECK(status_line({.state = "connected", .open = 1, .wanted = 1, .lag_ms = -1, .tick_age_ms = 9999},
                    0) == "connected 1/1 | 0 ticks/s | last tick 9.9 s ago");
  CHECK(status_line({.state = "mute", .open = 1, .wanted = 1, .tick_age_ms = 599'999}, 0) ==
        "mute 1/1 | 0 ticks/s | last tick 599 s ago");
  CHECK(status_line({.state = "mute", .open = 1, .wanted = 1, .tick_age_ms = 600'000}, 0) ==
        "mute 1/1 | 0 ticks/s | last tick 10 min ago");
}
