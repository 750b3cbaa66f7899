# ltp-feed --record: what the broker sent, kept as it came.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  PATH=$LTP_BIN:$PATH
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=secret-canary
  unset DHANHQ_WS_ENABLED DHANHQ_WS_MARKET_FEED_URL DHANHQ_WS_MODE
  cd "$BATS_TEST_TMPDIR" || return
  start sim ltp-sim --rate 50 --control
  url=$(address_of sim)
}
teardown() { stop_all; }

record() { start feed ltp-feed --url "$url" --record "${capture:-day.capture}" "$@" NSE_EQ:2885 IDX_I:13 BSE_EQ:500325; }
has_ticks() { [ "$(grep -c screener_ltp_update feed.out)" -ge "$1" ]; }
tell() { [ "$(curl -sS -d '' "http${url#ws}/control/$1")" = ok ]; }

# same_for_all FILE: its ticks without what a replay says anew.
same_for_all() { grep screener_ltp_update "$1" | sed -E 's/"source":"[a-z]+"/"source":""/; s/"recv_us":[0-9]+/"recv_us":0/'; }
replay() { ltp-feed --quiet --speed max --replay day.capture; }

@test "what was recorded replays to the same ticks, to the byte, in every mode" {
  local mode
  for mode in ticker quote full; do
    rm -f day.capture
    record --mode "$mode"
    wait_until 20 has_ticks 100
    stop feed
    [ "$status" -eq 0 ]
    replay >replayed
    same_for_all feed.out >want
    [ "$(wc -l <want)" -ge 100 ]
    diff want <(same_for_all replayed)
    [ "$(grep screener_ltp_update replayed | jq -r .source | sort -u)" = replay ]
  done
}

@test "each message is in the file before its lines are written, so that a crash loses none" {
  record
  wait_until 20 has_ticks 50
  send KILL feed
  wait_until 10 ended feed
  replay >replayed
  [ "$(grep -c screener_ltp_update replayed)" -ge "$(grep -c screener_ltp_update feed.out)" ]
}

@test "a restart goes on behind what was recorded, torn or not" {
  record
  wait_until 20 has_ticks 20
  stop feed
  truncate -s -5 day.capture
  local first
  first=$(wc -c <day.capture)
  cp day.capture first.capture
  record
  wait_until 20 has_ticks 20
  stop feed
  cmp -n "$first" first.capture day.capture
  [ "$(grep -c '^ltp-capture 1$' day.capture)" = 2 ]
  run --separate-stderr ltp-feed --speed max --replay day.capture
  [ "$stderr" = 'ltp-feed: day.capture: 1 damaged line passed over' ]
}

@test "what cannot be understood is recorded all the same" {
  record
  wait_until 20 has_ticks 1
  tell 'malformed?kind=truncated'
  tell 'malformed?kind=garbage'
  garbage_is_here() { grep -qE '^[0-9]{16} 64 (ff){64}$' day.capture; }
  wait_until 10 garbage_is_here
  stop feed
  run --separate-stderr ltp-feed --speed max --replay day.capture
  [[ $stderr == 'ltp-feed: odd things in the recorded messages: 1 unknown_code, 1 truncated'* ]]
}

@test "a full disk ends the recording, not the feed; the status tells" {
  capture=/dev/full record
  wait_until 20 said feed 'ltp-feed: the recording to /dev/full has ended \(No space left on device\); the feed goes on'
  local before
  before=$(grep -c screener_ltp_update feed.out || true)
  wait_until 20 has_ticks $((before + 20))
  stop feed
  [ "$status" -eq 74 ]
}

@test "a recording can go through a packer" {
  # shellcheck disable=SC2016
  start_shell feed 'exec ltp-feed --url "$1" --record >(gzip >day.capture.gz) NSE_EQ:2885 IDX_I:13' "$url"
  wait_until 20 has_ticks 50
  stop feed
  [ "$status" -eq 0 ]
  packed() { gzip -qt day.capture.gz; }
  wait_until 10 packed
  gunzip -c day.capture.gz | ltp-feed --quiet --speed max --replay - >replayed
  diff <(same_for_all feed.out) <(same_for_all replayed)
}

@test "a file that is no capture is refused and stays as it is" {
  echo 'NSE_EQ:2885  RELIANCE' >day.capture
  record
  finish feed
  [ "$status" -eq 65 ]
  said feed 'ltp-feed: day.capture holds something else than a capture; name another file'
  [ "$(cat day.capture)" = 'NSE_EQ:2885  RELIANCE' ]
  capture=- record
  finish feed
  [ "$status" -eq 64 ]
  capture=no/where record
  finish feed
  [ "$status" -eq 74 ]
  said feed 'ltp-feed: cannot record to no/where \(No such file or directory\)'
}

@test "no capture holds the token" {
  record --verbose
  wait_until 20 has_ticks 20
  stop feed
  local hex
  hex=$(printf secret-canary | od -An -tx1 | tr -d ' \n')
  run ! grep -rqE "secret-canary|$hex" .
}
