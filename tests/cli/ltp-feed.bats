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

@test "ltp-feed --once ends with 77 when the token has expired" {
  start_broker $token_expired
  start feed ltp-feed --once --url "$broker" NSE_EQ:2885
  finish feed
  [ "$status" -eq 77 ]
  said feed '^ltp-feed: the feed at ws://127.0.0.1:[0-9]+ refused us: .*807'
  grep -F '"code":807' feed.out
}

@test "ltp-feed --once ends with 77, 75 or 69 when the handshake fails" {
  local answer
  for answer in 401:77 403:77 429:75 500:69; do
    start_broker --status "${answer%:*}"
    start feed ltp-feed --once --url "$broker" NSE_EQ:2885
    finish feed
    echo "$answer gave $status"
    [ "$status" -eq "${answer#*:}" ]
    said feed "${answer%:*}"
    stop broker
  done
  start feed ltp-feed --once --url "$broker" NSE_EQ:2885
  finish feed
  [ "$status" -eq 69 ]
}

@test "ltp-feed lives on when its token is refused, and takes a new one from the file" {
  (umask 077 && echo the-new-one >wanted && echo the-old-one >token)
  start sim ltp-sim --rate 20 --token-file wanted
  broker=$(address_of sim)
  DHANHQ_ACCESS_TOKEN='' start feed ltp-feed --token-file token --url "$broker" NSE_EQ:2885
  wait_until 10 said feed '^ltp-feed: the feed at .* refused us: .*401; waiting for a new token in token$'
  wait_until 10 grep -F '"state":"refused","reason":"' feed.out
  running feed
  (umask 077 && echo the-new-one >token.new && mv token.new token)
  wait_until 10 has_ticks feed 3
  said feed '^ltp-feed: took a new token from token$'
  [ "$(grep -c 'refused us' feed.err)" -eq 1 ]
}

@test "ltp-feed does not take the refusal of an old token for one of the new" {
  echo old >token
  start_broker --status 401 --late 2500
  start feed ltp-feed --token-file token --url "$broker" NSE_EQ:2885
  wait_until 10 grep -x asked broker.out
  echo new >token
  wait_until 10 said feed 'cannot be reached \(.*401\); trying again in 1 s'
  refused_twice() { [ "$(grep -cx asked broker.out)" -eq 2 ]; }
  wait_until 10 refused_twice
  wait_until 10 said feed 'refused us: .*401; waiting for a new token in token'
}

@test "ltp-feed takes client id and token from systemd credentials, and a new token too" {
  mkdir credentials
  echo 4711 >credentials/dhanhq_client_id
  echo first >credentials/dhanhq_access_token
  echo second >wanted
  start sim ltp-sim --rate 20 --client-id 4711 --token-file wanted
  DHANHQ_CLIENT_ID='' DHANHQ_ACCESS_TOKEN='' CREDENTIALS_DIRECTORY=$PWD/credentials \
    start feed ltp-feed --url "$(address_of sim)" NSE_EQ:2885
  wait_until 10 said feed "waiting for a new token in $PWD/credentials/dhanhq_access_token"
  echo second >credentials/dhanhq_access_token
  wait_until 10 has_ticks feed 3
}

@test "ltp-feed without a token file says that a new token needs a new start" {
  start_broker --status 401
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'refused us: .*401; start again with a new token, or use --token-file, which is watched'
  running feed
}

@test "ltp-feed says who must act when the account is refused, and tries again on HUP" {
  start_broker 320a0000000000002603
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'refused us: no data plan \(806\); see to the account, then send SIGHUP$'
  [ "$(grep -c RequestCode broker.out)" -eq 1 ]
  send HUP feed
  tried_twice() { [ "$(grep -c RequestCode broker.out)" -eq 2 ]; }
  wait_until 10 tried_twice
}

@test "ltp-feed waits a minute or more after 805, and says what that may mean" {
  start_broker 320a0000000000002503
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'is gone \(too many requests or connections \(805\)\); trying again in ([6-9][0-9]|1[0-9][0-9]) s; is another program using this client id'
}

@test "ltp-feed leaves an instrument out that the broker refuses by name" {
  # Disconnect, reason 813, its header naming NSE_EQ 2885.
  start_broker 320a0001450b00002d03
  start feed ltp-feed --url "$broker" NSE_EQ:2885 NSE_EQ:11536
  wait_until 10 said feed 'the broker refuses NSE_EQ:2885: bad security id \(813\); it is left out'
  asked_again() { [ "$(sed -n 2p broker.out)" = '{"RequestCode":17,"InstrumentCount":1,"InstrumentList":[{"ExchangeSegment":"NSE_EQ","SecurityId":"11536"}]}' ]; }
  wait_until 10 asked_again
  send HUP feed
  asked_for_again() { [ "$(grep -c '"SecurityId":"2885"' broker.out)" -eq 2 ]; }
  wait_until 20 asked_for_again
}

@test "ltp-feed writes a gap line after an interruption" {
  start_broker --drop $ticker
  start feed ltp-feed --url "$broker" -m ticker NSE_EQ:2885
  wait_until 20 has_ticks feed 2
  grep -E '^\{"type":"gap","from":"20[^"]+\+05:30","to":"20[^"]+","reason":"[^"]+","source":"websocket","instruments":1,"from_us":[0-9]+,"to_us":[0-9]+\}$' feed.out
}

@test "ltp-feed spreads 7,000 instruments over two connections, 100 a message, and says how it stands" {
  seq -f 'NSE_EQ:%.0f' 1 7000 >list
  start_broker
  start feed ltp-feed --url "$broker" -i list
  all_asked() { [ "$(wc -l <broker.out)" -eq 70 ]; }
  wait_until 20 all_asked
  [ "$(jq -s 'map(.InstrumentCount) | [min, max, add]' -c broker.out)" = '[100,100,7000]' ]
  [ "$(jq -r '.InstrumentList[].SecurityId' broker.out | sort -un | wc -l)" -eq 7000 ]
  wait_until 15 grep -F '"state":"connected","reason":null,"source":"websocket","subscriptions":7000,"instruments":7000,"connections":2,"connections_wanted":2,' feed.out
}

@test "ltp-feed refuses more instruments than five connections carry" {
  seq -f 'NSE_EQ:%.0f' 1 25001 >list
  run timeout 10 ltp-feed --url ws://127.0.0.1:1 -i list
  [ "$status" -eq 65 ]
  [[ $output == *'25001 instruments are more than the 25000 that 5 connections carry' ]]
}

@test "ltp-feed subscribes the difference on HUP, without a new connection" {
  printf 'NSE_EQ:1\nNSE_EQ:2\n' >list
  start_broker
  start feed ltp-feed --url "$broker" -m ticker -i list IDX_I:13
  wait_until 10 grep -F '"InstrumentCount":3' broker.out
  printf 'NSE_EQ:2\nNSE_EQ:3\n' >list
  send HUP feed
  wait_until 10 grep -xF '{"RequestCode":16,"InstrumentCount":1,"InstrumentList":[{"ExchangeSegment":"NSE_EQ","SecurityId":"1"}]}' broker.out
  wait_until 10 grep -xF '{"RequestCode":15,"InstrumentCount":1,"InstrumentList":[{"ExchangeSegment":"NSE_EQ","SecurityId":"3"}]}' broker.out
  said feed 'read the lists again: 1 more and 1 fewer, now 3 instruments'
  echo nonsense: >list
  send HUP feed
  wait_until 10 said feed "list:1: 'nonsense:' is no instrument.*; what was read before stays in use"
  running feed
}

@test "ltp-feed -c ends with 0 after exactly so many ticks, --no-status leaves nothing else" {
  start sim ltp-sim --rate 50
  run --separate-stderr timeout 20 ltp-feed -q --no-status -c 7 --url "$(address_of sim)" NSE_EQ:2885 NSE_EQ:11536
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 7 ]
  [ "$(jq -s 'map(.seq) | add' <<<"$output")" -eq 28 ]
}

@test "ltp-feed -W ends with 75 if --count was not reached or nothing came, else with 0" {
  start_broker $ticker
  # Each waits its whole time, which a slow machine needs for the one tick; so all at once.
  DHANHQ_CLIENT_ID=1 start few ltp-feed -q -W 8 -c 9 -m ticker --url "$broker" NSE_EQ:2885
  DHANHQ_CLIENT_ID=2 start some ltp-feed -q -W 8s -m ticker --url "$broker" NSE_EQ:2885
  DHANHQ_CLIENT_ID=3 start none ltp-feed -q -W 1500ms -m ticker --url "$broker" NSE_EQ:1
  finish few 20
  [ "$status" -eq 75 ]
  said few '^ltp-feed: only 1 tick of 9 came in the time allowed$'
  finish some 20
  [ "$status" -eq 0 ]
  finish none 20
  [ "$status" -eq 75 ]
  said none '^ltp-feed: no tick came in the time allowed$'
}

@test "ltp-feed --require-first-tick ends with 1 and names who stays silent" {
  start_broker $ticker
  run timeout 20 ltp-feed -q --no-status --hours always --require-first-tick 2 -m ticker --url "$broker" NSE_EQ:2885 NSE_EQ:1 BSE_EQ:7
  [ "$status" -eq 1 ]
  [[ $output == *'ltp-feed: no tick in 2 s of open market from NSE_EQ:1, BSE_EQ:7; is the id right, and is it traded?' ]]
}

@test "ltp-feed says so and reconnects when it is connected but mute, though not in a storm" {
  start_broker $ticker
  start feed ltp-feed --hours always --mute-after 2 --url "$broker" NSE_EQ:1
  wait_until 10 said feed 'is gone \(connected but mute: no tick for [23] s in market hours\); trying again in 1 s'
  again() { [ "$(grep -c '"RequestCode":17' broker.out)" -ge 2 ]; }
  wait_until 10 again
  wait_until 10 grep -F '"state":"mute","reason":"connected but mute' feed.out
}

# When the simulator has prices that it cannot send, every buffer on the way is full.
@test "ltp-feed --lossless loses no tick to a slow reader" {
  start sim ltp-sim --control --rate 2000
  local sim
  sim=$(address_of sim)
  mkfifo ticks
  start_shell reader 'exec <ticks; until [[ -e go ]]; do sleep .1; done; exec cat'
  start_shell feed 'exec ltp-feed --lossless --no-status -m full --url "$1" NSE_EQ:2885 NSE_EQ:11536 NSE_EQ:1333 >ticks' "$sim"
  owes() { curl -fs "http${sim#ws}/control/state" | jq -e '.connections[0].owed > 0' >/dev/null; }
  wait_until 20 owes
  touch go
  enough() { [ "$(wc -l <reader.out)" -ge 5000 ]; }
  wait_until 20 enough
  stop feed
  jq -es 'map(.seq) == [range(1; length + 1)]' reader.out
}

@test "a second ltp-feed for the same client id says who holds the first" {
  start_broker $ticker
  start feed ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said feed 'connected to'
  run timeout 10 ltp-feed --url "$broker" NSE_EQ:2885
  [ "$status" -eq 75 ]
  [[ $output == "ltp-feed: this client id is already fed from $broker by process $(pid feed) (ltp-feed); end that first" ]]
  DHANHQ_CLIENT_ID=another start other ltp-feed --url "$broker" NSE_EQ:2885
  wait_until 10 said other 'connected to'
}

# dumps COMMAND…: whether the kernel writes a core file of it when it is told to abort after
# a second line on its standard output.
dumps() {
  perl -e 'my $pid = open(my $out, "-|") // die;
           if (!$pid) { exec(@ARGV) or die }
           <$out>; <$out>;
           kill "SEGV", $pid;
           waitpid($pid, 0);
           exit(($? & 127) == 11 && ($? & 128) ? 0 : ($? & 127) == 11 ? 1 : 2);' -- "$@"
}

@test "ltp-feed leaves no core file, which would hold the token" {
  start_broker $ticker $ticker
  ulimit -c unlimited
  export ASAN_OPTIONS="${ASAN_OPTIONS-}:handle_segv=0:disable_coredump=0"
  dumps perl -e '$| = 1; print "1\n2\n"; sleep' || skip 'this machine writes no core files'
  run dumps ltp-feed --url "$broker" -m ticker NSE_EQ:2885
  [ "$status" -eq 1 ]
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
  run timeout 20 ltp-feed --url ws://127.0.0.1:1
  [ "$status" -eq 64 ]
  [ "$output" = 'ltp-feed: no instrument was given; name some as SEGMENT:ID, or a file with -i' ]
}

@test "ltp-feed refuses what is no instrument, and says where it stood" {
  local key
  for key in NSE_EQ NSE:2885 NSE_EQ:0 NSE_EQ:-1 NSE_EQ:99999999999; do
    run timeout 20 ltp-feed --url ws://127.0.0.1:1 "$key"
    [ "$status" -eq 65 ]
    [[ $output == "ltp-feed: '$key' is no instrument; wanted is SEGMENT:ID"* ]]
  done
  printf 'NSE_EQ:2885\n\nFOO:1\n' >list
  run timeout 20 ltp-feed --url ws://127.0.0.1:1 -i list
  [ "$status" -eq 65 ]
  [[ $output == "ltp-feed: list:3: 'FOO:1' is no instrument"* ]]
}

@test "ltp-feed says which watch list it cannot open" {
  run timeout 20 ltp-feed --url ws://127.0.0.1:1 -i nowhere
  [ "$status" -eq 66 ]
  [ "$output" = 'ltp-feed: cannot open nowhere (No such file or directory)' ]
}

@test "ltp-feed refuses a wrong URL, wherever it comes from" {
  run timeout 20 ltp-feed --url http://127.0.0.1:1 NSE_EQ:2885
  [ "$status" -eq 64 ]
  [[ $output == 'ltp-feed: --url: '* ]]
  DHANHQ_WS_MARKET_FEED_URL=nonsense run timeout 20 ltp-feed NSE_EQ:2885
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
  DHANHQ_WS_MODE=everything run timeout 20 ltp-feed --url ws://127.0.0.1:1 NSE_EQ:2885
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-feed: DHANHQ_WS_MODE: '* ]]
}

@test "ltp-feed calls the live broker only if DHANHQ_WS_ENABLED is exactly true" {
  local leave
  for leave in '' false 1 TRUE yes ' true'; do
    DHANHQ_WS_ENABLED=$leave run timeout 20 ltp-feed NSE_EQ:2885
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
  run timeout 20 ltp-feed --nonsense
  [ "$status" -eq 64 ]
  [[ $output == 'ltp-feed: '*'; see ltp-feed --help' ]]
}

@test "ltp-feed lives on when hours or a list can no longer be read, and keeps what a pipe said" {
  start_broker $ticker
  printf 'calendar e NSE_EQ\nopen e daily 00:00-24:00\n' >hours
  mkfifo pipe
  start writer bash -c 'echo NSE_EQ:11536 >pipe'
  start feed ltp-feed --url "$broker" -m ticker --hours hours -i pipe NSE_EQ:2885
  wait_until 10 has_ticks feed 1
  send HUP feed
  wait_until 10 said feed 'read the lists again: 0 more and 0 fewer, now 2 instruments'
  rm hours && mkdir hours
  send HUP feed
  wait_until 10 said feed 'cannot read hours .it is a folder.; what was read before stays in use'
  stop feed
  [ "$status" -eq 0 ]
  run timeout 10 ltp-feed --url "$broker" --hours hours NSE_EQ:1
  [ "$status" -eq 66 ]
  run timeout 10 ltp-feed --url "$broker" --hours /dev/zero NSE_EQ:1
  [ "$status" -eq 65 ]
}

@test "ltp-feed takes a wholly new list without a new connection" {
  start_broker $ticker
  echo NSE_EQ:1 >list
  start feed ltp-feed --url "$broker" -m ticker -i list
  wait_until 10 said feed 'connected to '
  echo NSE_EQ:2 >list
  send HUP feed
  asked() { grep -q '"RequestCode":15.*"SecurityId":"2"' broker.out; }
  wait_until 10 asked
  stop feed
  run ! grep '"state":"disconnected","reason":null' feed.out
  [ "$(grep -c 'connected to ' feed.err)" -eq 1 ]
}

@test "ltp-feed does not take an empty word for the live broker, nor its own output for a file" {
  export DHANHQ_WS_ENABLED=true
  local option
  for option in --replay --url --record; do
    run timeout 10 ltp-feed "$option" '' NSE_EQ:1
    [ "$status" -eq 64 ]
  done
  for count in -1 0 99999999999999999999; do
    run timeout 10 ltp-feed -c "$count" NSE_EQ:1
    [ "$status" -eq 64 ]
  done
  start_broker $ticker
  run timeout 20 bash -c 'ltp-feed --url "$1" -m ticker --record both -c 1 NSE_EQ:2885 >both' _ "$broker"
  [ "$status" -eq 64 ]
  timeout 20 ltp-feed --url "$broker" -m ticker -c 1 NSE_EQ:2885 >lines
  run timeout 20 bash -c 'ltp-feed --replay lines --speed max >>lines'
  [ "$status" -eq 64 ]
  [[ $output == *'lines is where the lines go'* ]]
}

@test "ltp-feed says that what it played could not be written" {
  start_broker $ticker
  timeout 20 ltp-feed --url "$broker" -m ticker --record capture -c 1 NSE_EQ:2885 >/dev/null
  run bash -c 'ltp-feed --replay capture --speed max >/dev/full'
  [ "$status" -eq 74 ]
  [[ $output == *'cannot write to standard output: No space left on device'* ]]
  # A file that may not grow ends the recording, not the feed.
  run timeout 30 bash -c 'ulimit -f 0; ltp-feed --url "$1" -m ticker --record more -c 1 NSE_EQ:2885 >/dev/null' _ "$broker"
  [[ $output == *'the recording to more has ended (File too large); the feed goes on'* ]]
}
