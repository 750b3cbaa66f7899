# ltp-feed --replay: recordings in the place of the broker.
bats_require_minimum_version 1.5.0
load ../support/programs

# Packets by hand: code, length, segment, id, price, time of trade.
reliance=02100001450b00009af53145418f5b69  # NSE_EQ:2885, 2847.35, 10:15:29 Indian time
nifty=021000000d0000009a31c246418f5b69     # IDX_I:13, 24856.8
goodbye=320a0000000000002703               # 807, the token has expired

setup() {
  PATH=$LTP_BIN:$PATH
  unset DHANHQ_CLIENT_ID DHANHQ_ACCESS_TOKEN DHANHQ_WS_ENABLED DHANHQ_WS_MARKET_FEED_URL DHANHQ_WS_MODE
  cd "$BATS_TEST_TMPDIR" || return
}
teardown() { stop_all; }

# capture TIME_US HEX…: the lines of a capture on standard output.
capture() {
  echo 'ltp-capture 1'
  for ((; $# > 0; )); do
    echo "$1 $((${#2} / 2)) $2"
    shift 2
  done
}

ticks() { grep screener_ltp_update "$@"; }
has_ticks() { [ "$(grep -c screener_ltp_update "$1.out")" -ge "$2" ]; }
max() { run --separate-stderr ltp-feed --speed max --replay "$@"; }

@test "a capture becomes the lines of its packets, as a replay" {
  capture 1767588330123456 $reliance 1767588331123456 $nifty >day.capture
  max day.capture
  [ "$status" -eq 0 ]
  [ "$stderr" = '' ]
  ticks <<<"$output" | sed -E 's/"recv_us":[0-9]{16},/"recv_us":NOW,/' >lines
  diff lines - <<'LINES'
{"type":"screener_ltp_update","symbol":"NSE_EQ:2885","instrument_id":null,"instrument_key":"NSE_EQ:2885","ltp":2847.35,"timestamp":"2026-01-05T10:15:30+05:30","source":"replay","tick_kind":"ticker","volume":null,"day_open":null,"day_high":null,"day_low":null,"segment":"NSE_EQ","security_id":"2885","ltt":"2026-01-05T10:15:29+05:30","recv_us":NOW,"seq":1}
{"type":"screener_ltp_update","symbol":"IDX_I:13","instrument_id":null,"instrument_key":"IDX_I:13","ltp":24856.8,"timestamp":"2026-01-05T10:15:31+05:30","source":"replay","tick_kind":"ticker","volume":null,"day_open":null,"day_high":null,"day_low":null,"segment":"IDX_I","security_id":"13","ltt":"2026-01-05T10:15:29+05:30","recv_us":NOW,"seq":2}
LINES
}

@test "the receive time of a replayed tick is now" {
  capture 1767588330123456 $reliance >day.capture
  local before after
  before=$(date +%s%6N)
  max day.capture
  after=$(date +%s%6N)
  [ "$(ticks <<<"$output" | jq .recv_us)" -ge "$before" ]
  [ "$(ticks <<<"$output" | jq .recv_us)" -le "$after" ]
}

@test "a capture tells of its state as a live feed does" {
  capture 1 $reliance 2 $goodbye 3 $nifty >day.capture
  max day.capture
  [ "$(jq -c '[.type, .state, .reason, .code, .source]' <<<"$output")" = '["feed_status","connected",null,null,"replay"]
["screener_ltp_update",null,null,null,"replay"]
["feed_status","disconnected","access token expired (807)",807,"replay"]
["feed_status","connected",null,null,"replay"]
["screener_ltp_update",null,null,null,"replay"]
["feed_status","disconnected","the recording has ended",null,"replay"]' ]
}

@test "a watch list chooses instruments and names them" {
  capture 1 $reliance 2 $nifty >day.capture
  max day.capture NSE_EQ:2885
  [ "$(ticks <<<"$output" | jq -r .symbol)" = NSE_EQ:2885 ]
  echo 'IDX_I:13  NIFTY 50' >list
  max day.capture -i list
  [ "$(ticks <<<"$output" | jq -r .symbol)" = 'NIFTY 50' ]
}

@test "a file of tick lines is replayed with another source and receive time, else byte for byte" {
  cat >day.ndjson <<'LINES'
{"type":"feed_status","state":"connected","reason":null,"source":"websocket","recv_us":1767588330000000}
{"type":"screener_ltp_update","symbol":"A \"source\":\"x\"","instrument_key":"NSE_EQ:2885","ltp":1393.40,"timestamp":"2026-01-05T10:15:30+05:30","source":"websocket","recv_us":1767588330123456,"seq":7}
{"type":"screener_ltp_update","symbol":"B","instrument_key":"IDX_I:13","ltp":1.0,"timestamp":"2026-01-05T10:15:30+05:30","source":"simulator","recv_us":1767588330123456,"seq":9}
LINES
  max day.ndjson
  [ "$status" -eq 0 ]
  [ "$stderr" = '' ]
  run sed -E 's/"source":"(websocket|simulator)"/"source":"replay"/; s/"recv_us":[0-9]+/"recv_us":NOW/' day.ndjson
  local want=$output
  max day.ndjson
  [ "$(sed -E 's/"recv_us":[0-9]{16}/"recv_us":NOW/' <<<"$output")" = "$want" ]
  max day.ndjson idx_i:13
  [ "$(ticks <<<"$output" | jq -r .symbol)" = B ]
}

@test "a recording is read from standard input too" {
  capture 1 $reliance >day.capture
  run --separate-stderr ltp-feed --replay - --speed max <day.capture
  [ "$status" -eq 0 ]
  ticks <<<"$output" | grep -F '"ltp":2847.35,'
  run ltp-feed --replay - -i - --speed max <day.capture
  [ "$status" -eq 64 ]
}

@test "at 1 a replay takes as long as the recording did, at 10 a tenth" {
  capture 1767588330000000 $reliance 1767588331000000 $nifty >day.capture
  local speed least
  while read -r speed least; do
    ltp-feed --replay day.capture --speed "$speed" >lines
    run -0 jq -s '[.[] | select(.ltp) | .recv_us] | .[1] - .[0]' lines
    echo "at $speed: $output us"
    [ "$output" -ge "$least" ]
    [ "$output" -lt $((least + 5000000)) ]
  done <<<'1 950000
10 50000
0.5 1950000'
}

@test "each line comes when it is due, not when the next one is" {
  capture 1767588330000000 $reliance 1767598330000000 $nifty >day.capture
  start feed ltp-feed --replay day.capture
  wait_until 10 has_ticks feed 1
  wait_until 10 said feed 'ltp-feed: the recording is silent now; it goes on in (9999|10000) s'
  stop feed
  [ "$status" -eq 0 ]
  [ "$(ticks feed.out | wc -l)" -eq 1 ]
  [ "$(tail -n 1 feed.out | jq -r .reason)" = stopped ]
}

@test "damaged lines are counted, passed over and told once" {
  {
    capture 1 $reliance
    echo '1767588330123456 16 02100001450b'
    echo "x$(head -c 300 /dev/urandom | tr -d '\0\n')"
    capture 2 $nifty
    printf '3 16 02100001450b00009af53145'
  } >day.capture
  max day.capture
  [ "$status" -eq 0 ]
  [ "$(ticks <<<"$output" | wc -l)" -eq 2 ]
  [ "$stderr" = 'ltp-feed: day.capture: 3 damaged lines passed over' ]
}

@test "what cannot be decoded is told at the end" {
  capture 1 02100001450b00009af5 2 $reliance >day.capture
  max day.capture
  [ "$status" -eq 0 ]
  [ "$stderr" = 'ltp-feed: odd things in the recorded messages: 1 truncated' ]
}

@test "what is no recording is refused" {
  local file
  echo hello >text
  head -c 100000 /dev/urandom | tr -d '{' >garbage
  head -c 5000000 /dev/zero | tr '\0' x >long
  printf '1 1 00\n' >headless
  for file in text garbage long headless; do
    max "$file"
    echo "$file: $stderr"
    [ "$status" -eq 65 ]
    [ "$stderr" = "ltp-feed: $file is neither a capture nor a file of tick lines" ]
    [ "$output" = '' ]
  done
  echo 'ltp-capture 2' >later
  max later
  [ "$status" -eq 65 ]
  [ "$stderr" = "ltp-feed: later is a capture of another version, 'ltp-capture 2'; this program reads 'ltp-capture 1'" ]
}

@test "a recording that is not there, or is a directory, is no input" {
  max nowhere
  [ "$status" -eq 66 ]
  [ "$stderr" = 'ltp-feed: cannot open nowhere (No such file or directory)' ]
  max .
  [ "$status" -eq 66 ]
  [ "$stderr" = 'ltp-feed: . is a directory' ]
}

@test "an empty recording is told of and no failure" {
  : >empty
  max empty
  [ "$status" -eq 0 ]
  [ "$output" = '' ]
  [ "$stderr" = 'ltp-feed: empty holds nothing to replay' ]
}

@test "a reader that leaves ends a replay in peace" {
  seq -f "%.0f 16 $reliance" 1 200000 | { echo 'ltp-capture 1'; cat; } >day.capture
  run -0 bash -c 'set -o pipefail; ltp-feed --replay day.capture --speed max 2>err | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}"'
  [ "$output" = 0 ]
  [ ! -s err ]
}

@test "a slow reader gets every tick of a replay" {
  seq -f "%.0f 16 $reliance" 1 20000 | { echo 'ltp-capture 1'; cat; } >day.capture
  ltp-feed --replay day.capture --speed max |
    perl -ne 'select undef, undef, undef, 0.005 if $. % 500 == 0; print "$1\n" if /"seq":(\d+)/' >seen
  diff -q seen <(seq 1 20000)
}

@test "options of the live feed are refused with --replay, and a wrong speed" {
  : >day.capture
  local -a wrong
  for wrong in '--url ws://127.0.0.1:1' '--mode full' '--record x' '--speed fast' '--speed 0'; do
    # shellcheck disable=SC2086
    run ltp-feed --replay day.capture $wrong
    echo "$wrong: $output"
    [ "$status" -eq 64 ]
  done
  [ ! -e x ]
  run ltp-feed --speed max NSE_EQ:2885
  [ "$status" -eq 64 ]
}

@test "a replay ends after --count ticks, or after --timeout, as a live feed does" {
  capture 1 $reliance$nifty$reliance 2 $nifty >day.capture
  max day.capture -c 2
  [ "$status" -eq 0 ]
  [ "$(ticks <<<"$output" | jq -r .instrument_key)" = 'NSE_EQ:2885
IDX_I:13' ]
  [ "$(tail -n 1 <<<"$output" | jq -r .reason)" = stopped ]

  capture 1 $reliance 900000001 $nifty >day.capture
  run --separate-stderr ltp-feed --replay day.capture --timeout 500ms -c 2
  [ "$status" -eq 75 ]
  [[ $stderr == *'ltp-feed: only 1 tick of 2 came in the time allowed' ]]
  run ltp-feed --quiet --replay day.capture --timeout 500ms
  [ "$status" -eq 0 ]
}

@test "--no-status leaves ticks alone, of both kinds of recordings" {
  capture 1 $reliance 2 $nifty >day.capture
  max day.capture --no-status
  [ "$(jq -r .type <<<"$output" | sort -u)" = screener_ltp_update ]
  ltp-feed --speed max --replay day.capture >day.ndjson
  max day.ndjson --no-status
  [ "$(jq -r .type <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 2 screener_ltp_update' ]
}
