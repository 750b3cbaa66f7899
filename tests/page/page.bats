# The page as a person meets it, in Debian's Chromium. What each name means stands in
# tests/node/page/scenarios.mjs. Screenshots for a person to look at: build/screenshots.
bats_require_minimum_version 1.5.0

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"

scenario() { timeout 120 node "$BATS_TEST_DIRNAME/../node/page/scenarios.mjs" "$BATS_TEST_DESCRIPTION"; }

@test "prices move, and in the end equal the simulator's" { scenario; }
@test "a move is shown by class, sign and arrow, and the flash ends" { scenario; }
@test "a day of ticks stays in the chart, the morning as fine as the afternoon" { scenario; }
@test "a muted feed leaves its prices grey until it speaks again" { scenario; }
@test "a connection that is silent is replaced by another, and nothing flickers" { scenario; }
@test "a price that grows old is marked, and a snapshot is not dressed up as new" { scenario; }
@test "a feed that is muted or refused is told in words" { scenario; }
@test "Redis goes and comes back, and so do the prices" { scenario; }
@test "the server is restarted, and the page comes back by itself" { scenario; }
@test "prices are polled while the socket is down, and no longer" { scenario; }
@test "fifty hostile names are shown as text" { scenario; }
@test "the list is edited by name, key, hand and keyboard, and kept" { scenario; }
@test "a phone shows, moves and removes by touch" { scenario; }
@test "a server that asks for tokens gets the page's own" { scenario; }
@test "five hundred rows at five updates a second come at fifty frames a second" { scenario; }
@test "screenshots for a person to look at" { scenario; }
