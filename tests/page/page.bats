# The page as a person meets it, in Debian's Chromium, and the clients that people have,
# unmodified. What each name means stands in tests/node/page/scenarios.mjs and clients.mjs.
# Screenshots for a person to look at: build/screenshots.
bats_require_minimum_version 1.5.0
load ../support/programs

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"

# They wait more than they work, so a few run at once, in the order of this file; each test
# here waits for its own and shows what it said. Those that a filter picks run by themselves.
at_once=3

setup_file() {
  local list=$BATS_RUN_TMPDIR/test_list_file.txt # bats' own
  if [[ -e $list ]] && (($(grep -cF "$BATS_TEST_FILENAME" "$list") < $(grep -c '^@test' "$BATS_TEST_FILENAME"))); then
    return
  fi
  touch "$BATS_FILE_TMPDIR/running"
  run_all </dev/null >/dev/null 2>&1 3>&- &
}

client() { report client; }
scenario() { report scenario; }
# With nothing beside it.
alone() { run_one scenario "$BATS_TEST_DESCRIPTION"; }

# run_one KIND NAME
run_one() { timeout 180 node "$BATS_TEST_DIRNAME/../node/page/${1}s.mjs" "$2"; }

# run_all: every test above alone's; output and status go into files.
run_all() {
  local name kind running=0
  while IFS=$'\t' read -r name kind; do
    ((running++ < at_once)) || wait -n || true
    keep_one "$kind" "$name" &
  done < <(sed -nE 's/^@test "(.*)" \{ (client|scenario); \}$/\1\t\2/p' "$BATS_TEST_FILENAME")
  wait
}

keep_one() {
  local file status=0
  file=$(file_of "$2")
  run_one "$1" "$2" >"$file" 2>&1 || status=$?
  echo "$status" >"$file.unfinished"
  mv "$file.unfinished" "$file.status"
}

file_of() { printf '%s/%s' "$BATS_FILE_TMPDIR" "$(cksum <<<"$1" | tr ' ' -)"; }

report() {
  [[ -e $BATS_FILE_TMPDIR/running ]] || { run_one "$1" "$BATS_TEST_DESCRIPTION"; return; }
  local file
  file=$(file_of "$BATS_TEST_DESCRIPTION")
  wait_until 300 test -e "$file.status"
  cat "$file"
  return "$(<"$file.status")"
}

@test "@rails/actioncable 7 and 8 in Chromium, and both protocols of @anycable/core" { client; }
@test "the Rails page of examples/rails-actioncable" { client; }
@test "any page with one script tag, embed.js" { client; }
@test "a page of another origin with embed.js, and with cells that make no sense" { client; }
@test "the browser's own WebSocket" { client; }
@test "the browser's own EventSource" { client; }

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
@test "screenshots for a person to look at" { scenario; }
@test "five hundred rows at five updates a second come at fifty frames a second" { alone; }
