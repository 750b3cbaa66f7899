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

# The programs of this test's quick start, as "PID NAME": by their environment, or, as Redis
# writes over it, by their arguments.
programs() {
  local process name
  for process in /proc/[0-9]*; do
    grep -qFz "$BATS_TEST_TMPDIR" "$process/environ" "$process/cmdline" 2>/dev/null || continue
    name=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -oE '^(ltp-|redis-)[a-z]+') || continue
    echo "${process#/proc/} $name"
  done 2>/dev/null
}
names() { programs | cut -d ' ' -f 2 | sort | paste -sd ' '; }
nothing_runs() { [ -z "$(programs)" ]; }

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
  [ "$(names)" = 'ltp-feed ltp-serve ltp-sim' ]
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
  [ "$(names)" = 'ltp-cache ltp-feed ltp-pub ltp-serve ltp-serve ltp-sim redis-server' ]
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
  kill -s KILL "$(programs | sed -n 's/ ltp-sim$//p')"
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

@test "the installer knows what is missing, also where dpkg has never heard of it" {
  run bash -euo pipefail -c 'source "$1"; missing_packages bash no-such-package coreutils' \
    _ "${quickstart%/*}/setup.bash"
  [ "$status" -eq 0 ]
  [ "$output" = no-such-package ]
}
