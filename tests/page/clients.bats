# The clients that people have, unmodified. What each name means stands in
# tests/node/page/clients.mjs.
bats_require_minimum_version 1.5.0

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"

client() { timeout 180 node "$BATS_TEST_DIRNAME/../node/page/clients.mjs" "$BATS_TEST_DESCRIPTION"; }

@test "@rails/actioncable 7 and 8 in Chromium, and both protocols of @anycable/core" { client; }
@test "the Rails page of examples/rails-actioncable" { client; }
@test "any page with one script tag, embed.js" { client; }
@test "a page of another origin with embed.js, and with cells that make no sense" { client; }
@test "the browser's own WebSocket" { client; }
@test "the browser's own EventSource" { client; }
