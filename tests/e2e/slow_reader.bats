# A reader that stops reading costs middle prices, never the last one, and nobody else.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=e2e-token
  cd "$BATS_TEST_TMPDIR" || return
  # Far more than a pipe and the feed's own 64 KiB hold; the last price stands once.
  seq 1 5000 | sed 's/.*/{"instrument_key":"NSE_EQ:2885","ltp":&}/' >prices.ndjson
  start sim "$LTP_BIN/ltp-sim" --port 0 --prices prices.ndjson --rate 2500
  broker=$(address_of sim)
}

teardown() { stop_all; }

prices_in() { sed -nE 's/.*"ltp":([^,}]*).*/\1/p' "$1"; }
has_last() { [ "$(prices_in "$1" | tail -n 1)" = 5000 ]; }

@test "ltp-feed keeps the newest price for a reader that sleeps, and tells of the others" {
  mkfifo pipe
  exec {reader}<>pipe  # a reader that takes nothing yet
  start_shell slow 'exec "$LTP_BIN/ltp-feed" --url "$1" NSE_EQ:2885 >pipe' "$broker"
  DHANHQ_CLIENT_ID=2 start witness "$LTP_BIN/ltp-feed" --url "$broker" NSE_EQ:2885
  wait_until 30 has_last witness.out

  start_shell late 'exec cat <pipe'
  wait_until 10 has_last late.out
  [ "$(prices_in late.out | wc -l)" -lt 5000 ]
  diff <(prices_in late.out) <(prices_in late.out | sort -n)
  running slow
  stop slow
  [ "$status" -eq 0 ]
  said slow 'the reader of standard output is slow; ticks replaced by newer ones so far: [0-9]+'
}

@test "ltp-serve gives a browser that slept the newest price, and delays no other" {
  mkfifo pipe
  start_shell serve 'exec "$LTP_BIN/ltp-serve" --stdin --port 0 <pipe'
  exec {hold}>pipe
  local url client node=$BATS_TEST_DIRNAME/../node
  url=$(address_of serve)
  for client in awake asleep; do
    start "$client" node "$node/record.mjs" ws "ws${url#http}/ws?keys=*"
    address_of "$client" >/dev/null
  done
  send USR2 asleep
  start_shell feed 'exec "$LTP_BIN/ltp-feed" --url "$1" NSE_EQ:2885 >pipe' "$broker"
  wait_until 30 has_last awake.out
  diff <(prices_in awake.out) <(prices_in awake.out | sort -n)

  send USR2 asleep
  wait_until 10 has_last asleep.out
  [ "$(prices_in asleep.out | wc -l)" -lt 5000 ]
  diff <(prices_in asleep.out) <(prices_in asleep.out | sort -n)
}
