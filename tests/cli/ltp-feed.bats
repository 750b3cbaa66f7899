bats_require_minimum_version 1.5.0
load ../support/programs

# Packets by hand: code, length, segment, id 2885, price 2847.35, 10:15:29 Indian time.
ticker=02100001450b00009af53145418f5b69
half_a_ticker=02100001450b00009af5
token_expired=320a0000000000002703

setup() {
  PATH=$LTP_BIN:$PATH
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=the-secret
  unset DHANHQ_WS_ENABLED DHANHQ_WS_MARKET_FEED_URL DHANHQ_WS_MODE
  cd "$BATS_TEST_TMPDIR" || return
}

teardown() { stop_all; }

# start_broker ARGUMENT…: of tests/node/broker.mjs; its address is $broker then.
start_broker() {
  start broker node "$BATS_TEST_DIRNAME/../node/broker.mjs" "$@"
  broker=$(address_of broker)
}

ticks_in() { grep -c screener_ltp_update "$1.out"; }
has_ticks() { [ "$(ticks_in "$1")" -ge "$2" ]; }

@test "ltp-feed asks for what it is given and writes a line per tick" {
  start_broker $ticker
  start feed ltp-feed --url "$broker" --mode ticker NSE_EQ:2885 idx_i:13
  wait_until 10 has_ticks feed 1
  [ "$(head -n 1 broker.out)" = '{"RequestCode":15,"InstrumentCount":2,"InstrumentList":[{"ExchangeSegment":"NSE_EQ","SecurityId":"2885"},{"ExchangeSegment":"IDX_I","SecurityId":"13"}]}' ]
  local line
  line=$(grep screener_ltp_update feed.out)
  [[ $line == '{"type":"screener_ltp_update","symbol":"NSE_EQ:2885","instrument_id":null,"instrument_key":"NSE_EQ:2885","ltp":2847.35,"timestamp":"'* ]]
  [[ $line == *'"source":"websocket","tick_kind":"ticker","volume":null,'* ]]
  [[ $line == *'"ltt":"2026-01-05T10:15:29+05:30",'* ]]
}

@test "ltp-feed shows the name that the watch list has" {
  printf '# comment\n\nNSE_EQ:2885  RELIANCE  # here too\n' >list
  start_broker $ticker
  start feed ltp-feed --url "$broker" -m ticker -i list
  wait_until 10 has_ticks feed 1
  grep -F '"symbol":"RELIANCE","instrument_id":null,"instrument_key":"NSE_EQ:2885"' feed.out
}

@test "ltp-feed counts half a packet and goes on with the next message" {
  start_broker $half_a_ticker $ticker
  start feed ltp-feed --url "$broker" -m ticker NSE_EQ:2885
  wait_until 10 has_ticks feed 1
  stop feed
  [ "$status" -eq 0 ]
  [ "$(ticks_in feed)" -eq 1 ]
  said feed 'ltp-feed: odd things in the broker.s messages so far: 1 truncated'
}

@test "ltp-feed comes back after a broken connection and subscribes again" {
  start_broker --drop $ticker
  start feed ltp-feed --url "$broker" -m ticker NSE_EQ:2885
  wait_until 20 has_ticks feed 2
  [ "$(grep -c '"RequestCode":15' broker.out)" -ge 2 ]
  grep -F '{"type":"feed_status","state":"disconnected"' feed.out
  said feed 'ltp-feed: the feed at ws://127.0.0.1:[0-9]+ is gone \(.*\); trying again in [0-9]+ s'
}

@test "ltp-feed says once that the broker is away, and goes on trying" {
  start_broker
  stop broker
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'ltp-feed: the feed at ws://127.0.0.1:[0-9]+ cannot be reached \(.*\); trying again in 1 s'
  running feed
  stop feed
  [ "$status" -eq 0 ]
}

@test "ltp-feed ends with 77 when the token has expired, and says what to do" {
  start_broker $token_expired
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  finish feed
  [ "$status" -eq 77 ]
  said feed '^ltp-feed: the feed at ws://127.0.0.1:[0-9]+ refused us: .*807.*; renew the token, then start again$'
  grep -F '"code":807' feed.out
}

@test "ltp-feed ends with 77 when the handshake is refused with 401" {
  start_broker --status 401
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  finish feed
  [ "$status" -eq 77 ]
  said feed 'refused us: .*401'
}

@test "ltp-feed ends with 0 on TERM and on INT, saying good-bye to the broker" {
  local signal
  start_broker $ticker
  for signal in TERM INT; do
    : >broker.out
    start feed ltp-feed --url "$broker" NSE_EQ:2885
    wait_until 10 has_ticks feed 1
    send $signal feed
    finish feed
    [ "$status" -eq 0 ]
    wait_until 5 grep -F '{"RequestCode":12}' broker.out
    grep -F '"state":"disconnected","reason":"stopped"' feed.out
  done
}

@test "ltp-feed ends with 0 when its reader has gone" {
  start_broker $ticker $ticker
  start_shell feed 'ltp-feed --url "$1" -m ticker NSE_EQ:2885 | head -n 1; exit ${PIPESTATUS[0]}' "$broker"
  finish feed
  [ "$status" -eq 0 ]
  [ "$(wc -l <feed.out)" -eq 1 ]
}

@test "ltp-feed never shows the token: not in output, not in messages, not in its arguments" {
  start_broker --drop $ticker
  start feed ltp-feed --verbose --url "$broker/path?token=another-secret" NSE_EQ:2885
  wait_until 10 said feed 'trying again'
  run tr '\0' '\n' <"/proc/$(pid feed)/cmdline"
  [[ $output != *the-secret* ]]
  stop feed
  run grep -hE 'the-secret|another-secret' feed.out feed.err
  [ "$output" = '' ]
}

@test "ltp-feed needs an instrument" {
  run ltp-feed --url ws://127.0.0.1:1
  [ "$status" -eq 64 ]
  [ "$output" = 'ltp-feed: no instrument was given; name some as SEGMENT:ID, or a file with -i' ]
}

@test "ltp-feed refuses what is no instrument, and says where it stood" {
  local key
  for key in NSE_EQ NSE:2885 NSE_EQ:0 NSE_EQ:-1 NSE_EQ:2885x NSE_EQ:99999999999; do
    run ltp-feed --url ws://127.0.0.1:1 "$key"
    [ "$status" -eq 65 ]
    [[ $output == "ltp-feed: '$key' is no instrument; wanted is SEGMENT:ID"* ]]
  done
  printf 'NSE_EQ:2885\n\nRELIANCE\n' >list
  run ltp-feed --url ws://127.0.0.1:1 -i list
  [ "$status" -eq 65 ]
  [[ $output == "ltp-feed: list:3: 'RELIANCE' is no instrument"* ]]
}

@test "ltp-feed says which watch list it cannot open" {
  run ltp-feed --url ws://127.0.0.1:1 -i nowhere
  [ "$status" -eq 66 ]
  [ "$output" = 'ltp-feed: cannot open nowhere (No such file or directory)' ]
}

@test "ltp-feed refuses more instruments than a connection carries" {
  seq -f 'NSE_EQ:%.0f' 1 5001 >list
  run ltp-feed --url ws://127.0.0.1:1 -i list
  [ "$status" -eq 65 ]
  [[ $output == *'5001 instruments are more than the 5000 that a connection carries' ]]
}

@test "ltp-feed refuses a wrong URL, wherever it comes from" {
  run ltp-feed --url http://127.0.0.1:1 NSE_EQ:2885
  [ "$status" -eq 64 ]
  [[ $output == 'ltp-feed: --url: '* ]]
  DHANHQ_WS_MARKET_FEED_URL=nonsense run ltp-feed NSE_EQ:2885
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-feed: DHANHQ_WS_MARKET_FEED_URL: '* ]]
}

@test "ltp-feed names the credential that is missing" {
  local name
  for name in DHANHQ_CLIENT_ID DHANHQ_ACCESS_TOKEN; do
    run env "$name=" ltp-feed --url ws://127.0.0.1:1 NSE_EQ:2885
    [ "$status" -eq 78 ]
    [[ $output == "ltp-feed: $name is not set; export the "* ]]
  done
}

@test "ltp-feed names a variable with a wrong value" {
  DHANHQ_WS_MODE=everything run ltp-feed --url ws://127.0.0.1:1 NSE_EQ:2885
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-feed: DHANHQ_WS_MODE: '* ]]
}

@test "ltp-feed calls the live broker only if DHANHQ_WS_ENABLED is exactly true" {
  local leave
  for leave in '' false 1 TRUE yes ' true'; do
    DHANHQ_WS_ENABLED=$leave run ltp-feed NSE_EQ:2885
    [ "$status" -eq 78 ]
    [[ $output == "ltp-feed: the live broker is only called if DHANHQ_WS_ENABLED is 'true'; "* ]]
  done
}

# In a network namespace of its own, so that nothing can reach the real one.
@test "ltp-feed calls the live broker if DHANHQ_WS_ENABLED is true" {
  unshare -rn true || skip "no network namespace to be had"
  DHANHQ_WS_ENABLED=true start feed unshare -rn "$LTP_BIN/ltp-feed" NSE_EQ:2885
  wait_until 10 said feed 'the feed at wss://api-feed.dhan.co cannot be reached'
}

@test "ltp-feed does not know an option that does not exist" {
  run ltp-feed --nonsense
  [ "$status" -eq 64 ]
  [[ $output == 'ltp-feed: '*'; see ltp-feed --help' ]]
}
