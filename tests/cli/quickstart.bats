bats_require_minimum_version 1.5.0
load ../support/programs

quickstart=$BATS_TEST_DIRNAME/../../examples/quickstart.sh

# The quick start makes its folder here, so that nobody else's programs are counted.
setup() {
  export TMPDIR=$BATS_TEST_TMPDIR PORT=0
  cd "$BATS_TEST_TMPDIR" || return
}

teardown() { stop_all; }

page() { sed -nE 's/^ *The page: +(http:[^ ]+).*/\1/p' "$1.out"; }
told() { [ -n "$(page "$1")" ]; }

# ours: every process that has the quick start's folder in its arguments or environment.
ours() { grep -lFz "TMPDIR=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ 2>/dev/null | grep -v "/$BASHPID/" || true; }
programs_of() { for file in $(ours); do tr '\0' ' ' <"${file%environ}cmdline" | grep -oE '^(ltp-|redis-)[a-z]+'; done | sort; }
nothing_runs() { [ -z "$(programs_of)" ]; }

# shows_prices URL: a price of each instrument of the watch list.
shows_prices() {
  local keys
  keys=$(grep -oE '^[A-Z_]+:[0-9]+' "${quickstart%/*}/watchlist.txt" | paste -sd,)
  run curl -sS "$1api/v1/current_prices?keys=$keys"
  [[ $output == '{"prices":{'* && $output != *null* ]]
}

@test "quickstart.sh shows moving prices, and Ctrl-C ends all that it started" {
  start quickstart "$quickstart"
  wait_until 60 told quickstart
  wait_until 20 shows_prices "$(page quickstart)"
  [ "$(programs_of | paste -sd' ')" = 'ltp-feed ltp-serve ltp-sim' ]
  send INT quickstart
  finish quickstart
  [ "$status" -eq 0 ]
  nothing_runs
  [ -z "$(find . -name 'ltp-quickstart.*')" ]
}

@test "quickstart.sh --redis shows the same prices on two servers, and what it tells to try works" {
  start quickstart "$quickstart" --redis
  wait_until 60 told quickstart
  wait_until 20 shows_prices "$(page quickstart)"
  wait_until 20 shows_prices "$(sed -nE 's/^ *The other: +//p' quickstart.out)"
  [ "$(programs_of | paste -sd' ')" = 'ltp-cache ltp-feed ltp-pub ltp-serve ltp-serve ltp-sim redis-server' ]
  grep -E '^    (curl|REDIS_URL=)' quickstart.out >tips
  [ "$(wc -l <tips)" -eq 2 ]
  cd "${quickstart%/*}/.."
  while read -r tip; do
    echo "$tip"
    bash -c "$tip"
  done <"$BATS_TEST_TMPDIR/tips"
  send TERM quickstart
  finish quickstart
  [ "$status" -eq 0 ]
  nothing_runs
}

@test "quickstart.sh --seconds ends by itself with 0" {
  start quickstart "$quickstart" --seconds 1
  finish quickstart 60
  [ "$status" -eq 0 ]
  told quickstart
  nothing_runs
}

@test "quickstart.sh says which program has died, and ends the others" {
  start quickstart "$quickstart"
  wait_until 60 told quickstart
  for file in $(ours); do
    if tr '\0' ' ' <"${file%environ}cmdline" | grep -q '^ltp-sim '; then
      kill -s KILL "$(basename "${file%/environ}")"
    fi
  done
  finish quickstart
  [ "$status" -eq 1 ]
  said quickstart '^quickstart.sh: ltp-sim has ended; it said:'
  nothing_runs
}

@test "quickstart.sh says that a port is taken, before it builds anything" {
  start taken node -e 'require("net").createServer().listen(0, "127.0.0.1", function () {
    console.error("listening on tcp://127.0.0.1:" + this.address().port) })'
  local port
  port=$(address_of taken)
  port=${port##*:}
  PORT=$port run --separate-stderr "$quickstart"
  [ "$status" -eq 74 ]
  # shellcheck disable=SC2154  # run sets it
  [[ $stderr == "quickstart.sh: port $port is taken by another program; choose another: PORT=3001 "* ]]
  [ -z "$output" ]
}

@test "quickstart.sh refuses arguments and ports that it cannot use" {
  run "$quickstart" --nonsense
  [ "$status" -eq 64 ]
  run "$quickstart" --seconds soon
  [ "$status" -eq 64 ]
  PORT=many run "$quickstart"
  [ "$status" -eq 78 ]
  PORT=65536 run "$quickstart"
  [ "$status" -eq 78 ]
}
