# What can go wrong with a broker, as a client meets it on the wire.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  cd "$BATS_TEST_TMPDIR" || return
}
teardown() { stop_all; }

start_sim() {
  start sim "$LTP_BIN/ltp-sim" --rate "${rate:-20}" "$@"
  url=$(address_of sim)
  control=http${url#ws}/control
}
# tell WORDS: a command; its answer has to be ok.
tell() { [ "$(curl -sS -d '' "$control/$1")" = ok ]; }
# tap NAME [KEY…]: a client that writes down what it hears.
tap() { start "$1" node "$BATS_TEST_DIRNAME/../node/tap.mjs" "$url" "${@:2}"; }
# heard NAME PATTERN
heard() { grep -qE -- "$2" "$1.out"; }
# count NAME PATTERN
count() { grep -cE -- "$2" "$1.out" || true; }
# more_than N NAME PATTERN
more_than() { (($(count "$2" "$3") > $1)); }
# goes_on NAME PATTERN: three more such lines come.
goes_on() { wait_until 10 more_than $(($(count "$1" "$2") + 2)) "$1" "$2"; }
# state FILTER: what jq makes of the state.
state() { curl -sS "$control/state" | jq -r "$1"; }
state_is() { [ "$(state "$1")" = "$2" ]; }

# knows_the_truth NAME: the last tick of each instrument is the simulator's last price.
knows_the_truth() {
  [ "$(tac "$1.out" | awk '$1 == "tick" && !seen[$2]++ { print $2, $3 }' | sort)" = \
    "$(curl -sS "$control/truth" | jq -r '"\(.instrument_key) \(.ltp)"' | sort)" ]
}

@test "without --control nobody can make anything go wrong" {
  start_sim
  run curl -sS -o /dev/null -w '%{http_code}' -d '' "$control/mute"
  [ "$output" = 404 ]
}

@test "a command that is none is refused with a sentence" {
  start_sim --control
  answer() { curl -sS -w ' %{http_code}' "${@:2}" "$control/$1"; }
  [ "$(answer mutter -d '')" = "there is no fault 'mutter'
 404" ]
  [ "$(answer 'disconnect?code=x' -d '')" = "disconnect: code is a number from 0 to 65535, not 'x'
 400" ]
  [ "$(answer heal)" = "tell with POST
 405" ]
  [ "$(answer state -d '')" = "ask with GET
 405" ]
  run --separate-stderr "$LTP_BIN/ltp-sim" --fault 'refuse'
  [ "$status" -eq 64 ]
  [ "$stderr" = "ltp-sim: --fault: refuse: status is missing; see ltp-sim --help" ]
}

@test "mute: no tick comes, of one or of all, and the latest when it heals" {
  start_sim --control
  tap a NSE_EQ:2885 NSE_EQ:1333
  wait_until 10 heard a 'NSE_EQ:1333'
  tell 'mute?key=NSE_EQ:2885'
  local before
  before=$(count a NSE_EQ:2885)
  goes_on a NSE_EQ:1333
  (($(count a NSE_EQ:2885) <= before + 1))  # one may have been under way
  tell mute
  wait_until 10 state_is '.connections[0].owed' 2
  tap b NSE_EQ:2885
  wait_until 10 heard b 'packet 7'
  run ! heard b tick
  tell heal
  goes_on a NSE_EQ:2885
  goes_on b NSE_EQ:2885
}

@test "a frozen market: the last tick each client got is the truth" {
  start_sim --control
  tap a NSE_EQ:2885 IDX_I:13
  goes_on a IDX_I:13
  tell mute
  goes_on_trading() { (($(state .trades) > 20)); }
  wait_until 10 goes_on_trading
  tell heal
  tell freeze
  wait_until 10 state_is '.connections[0].owed' 0
  wait_until 10 knows_the_truth a
  local trades
  trades=$(state .trades)
  tell 'burst?trades=5'
  [ "$(state .trades)" = "$trades" ]
  tell heal
  goes_on a IDX_I:13
}

@test "half-open: open connections hear nothing more, not even an answer to a ping" {
  start_sim --control
  tap a NSE_EQ:2885
  goes_on a tick
  tell half-open
  tap b NSE_EQ:2885
  goes_on b tick
  cp a.out before
  send USR1 a
  send USR1 b
  wait_until 10 heard b pong
  goes_on b tick
  run ! heard a pong
  (($(wc -l <a.out) <= $(wc -l <before) + 4))  # what was under way
  tell heal
  finish a
  heard a '^(reset|end) '
  goes_on b tick
}

@test "half-open?new=1: a new connection gets its handshake and no more" {
  start_sim --control --fault 'half-open?new=1'
  tap a NSE_EQ:2885
  wait_until 10 heard a open
  tell half-open
  tap b NSE_EQ:2885
  goes_on b tick
  [ "$(cat a.out)" = open ]
}

@test "cut: the stream ends behind exactly so many bytes, whatever they are" {
  start_sim --control --fault 'cut?after=5&times=2'
  last_word() { timeout 10 node "$BATS_TEST_DIRNAME/../node/tap.mjs" "$url" NSE_EQ:2885 NSE_EQ:1333 | tail -n 1; }
  [ "$(last_word)" = "end 5" ]
  [ "$(last_word)" = "end 5" ]
  local after
  for after in 0 1 9 10 11 12 13 14 27 75 76 77 300 1000; do
    tell "cut?after=$after&times=1"
    [ "$(last_word)" = "end $after" ]
  done
  tap a
  wait_until 10 heard a 'message'
  running a
}

@test "cut of what is open, with an end of the stream or a reset" {
  start_sim --control
  tap a NSE_EQ:2885
  wait_until 10 heard a tick
  local sent
  tell freeze
  sent=$(state '.connections[0].bytes_sent')
  tell 'cut?after=7'
  tell 'batch?packets=1'
  finish a
  [ "$(tail -n 1 a.out)" = "end $((sent + 7))" ]
  tap b NSE_EQ:2885
  wait_until 10 heard b tick
  tell 'cut?after=0&reset=1'
  finish b
  [[ $(tail -n 1 b.out) == "reset "* ]]
}

@test "disconnect: any reason, then the close" {
  start_sim --control
  local code
  for code in 805 807 65535; do
    tap "a$code" NSE_EQ:2885
    wait_until 10 heard "a$code" tick
    tell "disconnect?code=$code"
    finish "a$code"
    heard "a$code" "^packet 50 10 $code$"
    heard "a$code" '^close 1000$'
  done
}

@test "refuse: the next connects get a status, then all is well, or never" {
  start_sim --control --fault 'refuse?status=429&times=2&text=slow+down'
  tap a && finish a
  [ "$(cat a.out)" = "refused 429 slow down" ]
  tap b && finish b
  heard b '^refused 429'
  tap c
  wait_until 10 heard c open
  tell 'refuse?status=503'
  tap d && finish d
  tap e && finish e
  heard e '^refused 503 refused for a test'
  [ "$(state .refused)" = 4 ]
  tell heal
  tap f
  wait_until 10 heard f open
}

@test "expire: 807 for those inside, 401 for those who come, until there is another token" {
  echo first >token
  start_sim --control --token-file token
  TOKEN=first tap a NSE_EQ:2885
  wait_until 10 heard a tick
  tell expire
  finish a
  heard a '^packet 50 10 807$'
  TOKEN=first tap b && finish b
  heard b '^refused 401'
  TOKEN=second tap c && finish c
  heard c '^refused 401'
  echo second >token
  TOKEN=first tap d && finish d
  heard d '^refused 401'
  TOKEN=second tap e
  wait_until 10 heard e open
}

@test "malformed: each kind arrives, and the good packets behind it" {
  start_sim --control
  tap a NSE_EQ:2885
  wait_until 10 heard a tick
  tell freeze
  local kind
  for kind in truncated length code segment nan infinite zero negative empty text garbage; do
    tell "malformed?kind=$kind"
  done
  wait_until 10 heard a '^message binary 64$'  # garbage comes last
  heard a '^message binary 15$'                # truncated
  heard a '^packet 99 12$'
  heard a '^tick NSE_EQ:2885 NaN$'
  heard a '^tick NSE_EQ:2885 Infinity$'
  heard a '^tick NSE_EQ:2885 0$'
  heard a '^tick NSE_EQ:2885 -[1-9]'
  heard a '^tick undefined:2885'
  heard a '^message binary 0$'
  heard a '^message text 18$'
  tell 'malformed?kind=frame'
  wait_until 10 heard a broken
}

@test "batch and oversize: one message, however large" {
  start_sim --control
  tap a NSE_EQ:2885 NSE_EQ:1333
  wait_until 10 heard a tick
  tell 'batch?packets=5000'
  wait_until 10 heard a '^message binary 80000$'
  tell 'oversize'
  wait_until 10 heard a '^message binary 1048577$'
  tell 'oversize?bytes=70000'
  wait_until 10 heard a '^message binary 70000$'
  goes_on a tick
}

@test "drip: the same bytes, a few at a time, and none in between" {
  start_sim --control --fault 'drip?bytes=3&ms=2'
  tap a NSE_EQ:2885
  wait_until 10 heard a tick
  local pings
  for pings in {0..9}; do  # an answer in the middle of a frame would break the stream
    send USR1 a
    wait_until 10 more_than "$pings" a pong
  done
  goes_on a tick
  run ! heard a broken
  [ "$(count a '^message binary 16$')" -ge 2 ]
  tell heal
  goes_on a tick
}

@test "stall: nothing goes either way for a while, and nothing is lost" {
  start_sim --control
  tap a NSE_EQ:2885
  goes_on a tick
  tell 'stall'
  send USR1 a
  wait_until 10 state_is '.connections[0].owed' 1
  run ! heard a pong
  tell 'stall?ms=100'
  wait_until 10 heard a pong
  goes_on a tick
  run ! heard a broken
}

@test "stall: of connections that come meanwhile the newest five stay" {
  start_sim --control
  tell stall
  local i
  for i in 1 2 3 4 5 6 7; do
    tap "t$i" NSE_EQ:2885
    wait_until 10 state_is .connects "$i"
  done
  tell heal
  wait_until 10 state_is '.connections | length' 5
  finish t1
  finish t2
  heard t1 '^packet 50 10 805$'
  heard t2 '^packet 50 10 805$'
  goes_on t7 tick
}

@test "a clock that is wrong shows in the trade times" {
  start_sim --control --fault 'clock?offset_s=-86400'
  tap a NSE_EQ:2885
  wait_until 10 heard a traded
  local told expected
  told=$(awk '$1 == "traded" { print $2; exit }' a.out)
  expected=$(($(date +%s) + 19800 - 86400))
  ((told >= expected - 15 && told <= expected))
  tell heal
  right() { awk -v least=$((expected + 86385)) '$1 == "traded" && $2 >= least { found = 1 } END { exit !found }' a.out; }
  wait_until 10 right
}

@test "rate and burst: as many ticks as are asked for" {
  rate=0.01 start_sim --control
  tap a NSE_EQ:2885 NSE_EQ:1333
  wait_until 10 heard a tick
  tell 'burst?trades=500'
  wait_until 10 more_than 999 a '^tick'
  tell 'rate?hz=1000'
  wait_until 10 more_than 2999 a '^tick'
}

@test "state tells how a client asks" {
  start_sim --control
  # shellcheck disable=SC2046
  tap a $(printf 'NSE_EQ:%s ' {1..250})
  wait_until 10 state_is '.connections[0].subscriptions' 250
  state_is .connects 1
  state_is .instruments 250
  state_is '.connections[0] | [.client_id, .requests, .most_instruments_in_a_request] | tojson' '["1",3,100]'
  (($(state '.connections[0].most_requests_in_a_second') >= 1))
  (($(state '.connections[0].bytes_sent') > 250 * 32))
}

@test "a client that sleeps gets the latest of each when it wakes, and the others wait for nobody" {
  rate=2000 start_sim --control
  # shellcheck disable=SC2046
  tap a $(printf 'NSE_EQ:%s ' {1..100})
  tap b NSE_EQ:1
  goes_on a tick
  send USR2 a
  owes() { (($(state '[.connections[].owed] | max') > 50)); }
  wait_until 20 owes
  goes_on b tick
  tell freeze
  send USR2 a
  wait_until 20 state_is '[.connections[].owed] | max' 0
  wait_until 20 knows_the_truth a
}
