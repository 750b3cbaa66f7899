bats_require_minimum_version 1.5.0
load ../support/programs

# ltp-feed against an ltp-sim that goes wrong.

setup() {
  PATH=$LTP_BIN:$PATH
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=the-canary
  unset DHANHQ_WS_ENABLED DHANHQ_WS_MARKET_FEED_URL DHANHQ_WS_MODE
  cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
  tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || true
  stop_all
}

start_sim() {
  start sim ltp-sim --control "$@"
  broker=$(address_of sim)
}
fault() { curl -fs -d '' "http${broker#ws}/control/$1" >/dev/null; }
state_of_sim() { curl -fs "http${broker#ws}/control/state" | jq -r "$1"; }
connects() { [ "$(state_of_sim .connects)" -ge "$1" ]; }
has_ticks() { [ "$(grep -c screener_ltp_update "$1.out")" -ge "$2" ]; }
more_ticks() { has_ticks feed $(($(grep -c screener_ltp_update feed.out) + 3)); }
goes_on() {
  local so_far
  so_far=$(grep -c screener_ltp_update feed.out)
  wait_until "$1" has_ticks feed $((so_far + 3))
}

@test "a host that has gone is noticed within 40 s, though TCP says nothing" {
  start_sim --rate 20
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 has_ticks feed 3
  fault half-open
  local began=$SECONDS
  wait_until 45 said feed 'is gone \(nothing came for 38 s\)'
  [ $((SECONDS - began)) -ge 35 ]
  [ $((SECONDS - began)) -le 41 ]
  goes_on 10
  grep -F '"type":"gap"' feed.out | grep -F '"reason":"nothing came for 38 s"'
}

@test "a closed market is silent: no reconnect, and connected in every status" {
  # Every day of the week a minute that is not now.
  local minute=00:00-00:01
  [[ $(TZ=Asia/Kolkata date +%H) != 00 ]] || minute=12:00-12:01
  printf 'calendar e NSE_EQ\nopen e daily %s\n' "$minute" >closed
  start_sim --rate 20
  start feed ltp-feed --hours closed --mute-after 1s --url "$broker" NSE_EQ:2885
  wait_until 10 has_ticks feed 3
  fault mute
  three_statuses() { [ "$(grep -c '"state":"connected"' feed.out)" -ge 3 ]; }
  wait_until 30 three_statuses
  [ "$(state_of_sim '.connections | length')" -eq 1 ]
  run ! grep -F '"state":"mute"' feed.out
  run ! said feed 'connected but mute'
}

@test "the same silence in market hours is a mute feed" {
  start_sim --rate 20
  start feed ltp-feed --hours always --mute-after 1s --url "$broker" NSE_EQ:2885
  wait_until 10 has_ticks feed 3
  fault mute
  wait_until 10 said feed 'is gone \(connected but mute: no tick for [12] s in market hours\)'
  fault heal
  goes_on 10
}

@test "one silent instrument among others is named, once, and nothing is reconnected" {
  start_sim --rate 20 --fault 'mute?key=NSE_EQ:11536'
  # Nothing of it is sent, not even its first price.
  start feed ltp-feed --hours always --url "$broker" NSE_EQ:2885 NSE_EQ:9000001
  wait_until 40 said feed 'no tick in 30 s of open market from NSE_EQ:9000001; is the id right, and is it traded\?'
  [ "$(state_of_sim .connects)" -eq 1 ]
}

@test "each code of a disconnect has its answer" {
  local code
  start_sim --rate 20
  for code in 800 899; do
    start feed ltp-feed --url "$broker" NSE_EQ:2885
    wait_until 10 has_ticks feed 3
    fault "disconnect?code=$code"
    wait_until 10 said feed "is gone \(.*$code\)?; trying again in [0-9]+ s|is gone \(.*$code.*\); trying again"
    goes_on 10
    stop feed
  done
  for code in 804 806 808 810 811 812 813 814; do
    start feed ltp-feed --url "$broker" NSE_EQ:2885
    wait_until 10 has_ticks feed 3
    fault "disconnect?code=$code"
    wait_until 10 said feed "refused us: .*\($code\); .* then send SIGHUP"
    wait_until 5 grep -F '"state":"refused"' feed.out
    send HUP feed
    goes_on 10
    stop feed
  done
  for code in 807 809; do
    echo a >token
    start feed ltp-feed --token-file token --url "$broker" NSE_EQ:2885
    wait_until 10 has_ticks feed 3
    fault "disconnect?code=$code"
    wait_until 10 said feed "refused us: .*\($code\); waiting for a new token in token"
    echo b >token
    goes_on 10
    stop feed
  done
}

@test "429 before the upgrade is waited out for a minute or more" {
  start_sim --fault 'refuse?status=429'
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'cannot be reached \(the server answered with HTTP status 429\); trying again in ([6-9][0-9]|1[0-9][0-9]) s'
  [ "$(state_of_sim .refused)" -eq 1 ]
}

@test "a reset, a cut in a frame, bytes that are no frame and a message too large are lived through" {
  local what
  start_sim --rate 50
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  for what in 'cut?after=7&reset=1' 'cut?after=333' 'malformed?kind=frame' oversize; do
    wait_until 20 has_ticks feed 3
    fault "$what"
    said_again() { [ "$(grep -c '"state":"disconnected"' feed.out)" -ge "$1" ]; }
    wait_until 10 said_again 1
    goes_on 20
    stop feed
    jq -e . feed.out >/dev/null
    start feed ltp-feed --url "$broker" NSE_EQ:2885
  done
}

@test "packets that nobody can read are counted, and the others pass" {
  local kind
  start_sim --rate 50
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 has_ticks feed 3
  for kind in truncated length code segment nan infinite zero negative empty text garbage; do
    fault "malformed?kind=$kind"
  done
  fault 'batch?packets=5000'
  wait_until 20 has_ticks feed 5000
  goes_on 10
  stop feed
  said feed "odd things in the broker's messages so far: .*text message"
  [ "$(state_of_sim .connects)" -eq 1 ]
  run jq -se 'map(select(.type == "screener_ltp_update") | .ltp) | min > 1000 and max < 2000' feed.out
  [ "$output" = true ]
}

@test "a broker that drips, or whose clock is wrong, is read all the same" {
  start_sim --rate 20 --fault 'drip?bytes=3&ms=2' --fault 'clock?offset_s=-7200'
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 20 has_ticks feed 3
  goes_on 20
}

@test "a reader of 1 KB a second costs old ticks, no memory, and never the newest" {
  start_sim --rate 200
  start_shell feed 'ltp-feed --url "$1" -m full NSE_EQ:2885 NSE_EQ:11536 NSE_EQ:1333 IDX_I:13 | {
    while [[ ! -e go ]]; do head -c 100; sleep .1; done; cat; }' "$broker"
  wait_until 10 test -s feed.out
  local feed
  feed=$(pgrep -s "$(pid feed)" -x ltp-feed)
  rss() { awk '/VmRSS/ {print $2}' "/proc/$feed/status"; }
  merged() { said feed 'the reader of standard output is slow; ticks replaced by newer ones so far'; }
  local before
  busy() { [ "$(state_of_sim .trades)" -ge "$1" ]; }
  wait_until 20 busy 2000
  before=$(rss)
  wait_until 20 busy 10000
  [ $(($(rss) - before)) -lt 8192 ]
  [ "$(state_of_sim .connects)" -eq 1 ]
  fault freeze
  touch go
  curl -fs "http${broker#ws}/control/truth" | jq -r '"\(.instrument_key) \(.ltp)"' | sort >truth
  newest() {
    jq -rs 'map(select(.ltp)) | group_by(.instrument_key) | map(last | "\(.instrument_key) \(.ltp)") | .[]' \
      feed.out 2>/dev/null | sort | cmp -s - truth
  }
  wait_until 15 newest
  kill "$feed"
  finish feed
  merged
}

# A terminal of its own, 70 wide; $screen is what stands on it.
on_terminal() { tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null "$@"; }
screen_shows() { screen=$(on_terminal capture-pane -p) && grep -qE -- "$1" <<<"$screen"; }

@test "on a terminal a line below the messages tells how it stands" {
  start_sim --rate 25
  on_terminal new-session -d -x 70 -y 12 \
    "ltp-feed --hours always --mute-after 2s --url '$broker' NSE_EQ:2885 NSE_EQ:11536 >ticks; echo status \$?; read"
  wait_until 15 screen_shows '^connected 1/1 \| (4[0-9]|5[0-9]) ticks/s \| lag [01] s \| last tick 0\.[0-9] s ago'
  fault mute
  # Messages stand above, whole; the line is there once, cut to the width.
  wait_until 15 screen_shows '^ltp-feed: the feed at .* is gone'
  wait_until 15 screen_shows '^(mute|disconnected) [01]/1 \| 0 ticks/s'
  [ "$(grep -c 'ticks/s' <<<"$screen")" -eq 1 ]
  on_terminal send-keys C-c
  wait_until 10 screen_shows '^status 0'
  run ! screen_shows 'ticks/s'
  on_terminal kill-server
}

@test "the token is in no message at the highest level, whatever goes wrong" {
  start_sim --rate 50 --token-file <(echo another-canary)
  (umask 077 && echo the-file-canary >token)
  start feed ltp-feed --verbose --token-file token --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'refused us'
  stop feed
  stop sim
  start_sim --rate 50
  start feed ltp-feed --verbose --url "$broker/?token=url-canary" NSE_EQ:2885
  local what
  for what in 'refuse?status=500&times=1' 'disconnect?code=800' 'malformed?kind=frame' 'refuse?status=302&times=1' 'cut?after=5'; do
    wait_until 20 has_ticks feed 3
    fault "$what"
    more_ticks || true
  done
  stop sim
  wait_until 10 said feed 'cannot be reached'
  run tr '\0' '\n' <"/proc/$(pid feed)/cmdline"
  [[ $output != *the-canary* ]]
  stop feed
  run grep -rhaE 'the-canary|file-canary|url-canary' feed.out feed.err
  [ "$output" = '' ]
}
