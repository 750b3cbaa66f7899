# What ltp-cache promises to a pipe and to Redis; what ltp-pub does likewise, for both.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  start_redis
}
teardown() {
  stop_all
  stop_redis
}

# tick KEY PRICE
tick() { printf '{"type":"screener_ltp_update","instrument_key":"%s","ltp":%s}\n' "$1" "$2"; }

# ticks COUNT INSTRUMENTS: with prices from 1 on, the instruments NSE_EQ:1 and so on in turns.
ticks() {
  awk -v n="$1" -v of="$2" 'BEGIN { for (i = 1; i <= n; ++i)
    printf "{\"type\":\"screener_ltp_update\",\"instrument_key\":\"NSE_EQ:%d\",\"ltp\":%d}\n", (i - 1) % of + 1, i }'
}

# Lines that want to be changed by somebody: junk, CR LF, NUL, bad UTF-8, a very long
# line, and no newline at the end.
write_odd_lines() {
  {
    tick NSE_EQ:2885 2847.35
    printf 'not json\n\n{"a":1}\r\n\0nul\n\xff\xfe\n[1,2]\n'
    head -c 3000000 /dev/zero | tr '\0' x
    printf '\n'
    tick NSE_EQ:2885 2848
    printf '{"type":"other"} '
  } >odd
}

@test "both filters pass on every byte, whatever it is" {
  write_odd_lines
  for program in ltp-cache ltp-pub; do
    "$LTP_BIN/$program" <odd >out 2>err
    cmp odd out
    grep -q 'JSON' err
  done
  [ "$(redis GET ltp:NSE_EQ:2885)" = 2848 ]
}

@test "prices are stored to the letter and live 30 s" {
  { tick NSE_EQ:2885 2847.35; tick NSE_CURRENCY:1 83.2475; tick NSE_EQ:1 0.05; tick nse_eq:2 100000; } |
    "$LTP_BIN/ltp-cache" >/dev/null
  [ "$(redis MGET ltp:NSE_EQ:2885 ltp:NSE_CURRENCY:1 ltp:NSE_EQ:1 ltp:NSE_EQ:2)" = $'2847.35\n83.2475\n0.05\n100000' ]
  ttl=$(redis TTL ltp:NSE_EQ:2885)
  ((ttl >= 28 && ttl <= 30))
}

@test "a price of zero or a key that is none is passed on and not stored" {
  { tick NSE_EQ:1 0; tick NSE_EQ:2 -1; tick FOO:3 1; tick NSE_EQ:4 '"5"'; } | "$LTP_BIN/ltp-cache" >out
  [ "$(wc -l <out)" -eq 4 ]
  [ -z "$(redis KEYS 'ltp:*')" ]
}

@test "the heartbeat is kept by ticks and by the word that the feed is connected" {
  "$LTP_BIN/ltp-cache" <<<'{"type":"feed_status","state":"disconnected"}' >/dev/null
  [ -z "$(redis GET market_stream:heartbeat)" ]
  "$LTP_BIN/ltp-cache" <<<'{"type":"feed_status","state":"connected"}' >/dev/null
  beat=$(redis GET market_stream:heartbeat)
  now=$(date +%s)
  ((beat <= now && beat > now - 10))
  ttl=$(redis TTL market_stream:heartbeat)
  ((ttl > 50 && ttl <= 60))
  redis DEL market_stream:heartbeat
  tick NSE_EQ:1 5 | "$LTP_BIN/ltp-cache" >/dev/null
  [ -n "$(redis GET market_stream:heartbeat)" ]
}

@test "the heartbeat is written at most every 5 s, and by nothing that is not alive" {
  mkfifo in
  start monitor redis-cli -s "$redis_socket" MONITOR
  wait_until 5 grep -q OK monitor.out
  start_shell cache 'exec "$LTP_BIN/ltp-cache" --stdout none <in'
  exec {hold}>in
  beats() { grep '"SETEX" "market_stream:heartbeat" "60"' monitor.out; }
  more() {
    tick NSE_EQ:1 "$((price += 1))" >&"$hold"
    [[ $(beats | wc -l) -ge $1 ]]
  }
  for line in '{"type":"feed_status","state":"mute"}' '{"type":"gap"}' junk "$(tick NSE_EQ:1 0)"; do
    echo "$line" >&"$hold"
  done
  redis SET reached here
  wait_until 5 grep -q reached monitor.out
  [ -z "$(beats)" ]
  price=0
  wait_until 5 more 1
  for price in {10..30}; do tick NSE_EQ:1 "$price" >&"$hold"; done
  wait_until 10 more 2
  exec {hold}>&-
  finish cache
  beats | sed -nE '1s/^([0-9.]+) .*/\1/p;2s/^([0-9.]+) .*/\1/p' | paste -sd ' ' |
    awk '{ exit !($2 - $1 >= 4.9) }'
}

@test "a price that has waited longer than it would live is not stored any more" {
  mkfifo in
  start_shell cache 'exec "$LTP_BIN/ltp-cache" --ttl 1 <in'
  exec {hold}>in
  tick NSE_EQ:1 1 >&"$hold"
  wait_until 5 eval '[[ $(redis GET ltp:NSE_EQ:1) == 1 ]]'
  kill_redis
  tick NSE_EQ:1 2 >&"$hold"
  wait_until 5 eval '[[ $(wc -l <cache.out) -eq 2 ]]'
  held_s=$EPOCHREALTIME
  wait_until 5 eval '((${EPOCHREALTIME/./} - ${held_s/./} > 1100000))'
  eval "start_redis --slowlog-log-slower-than 0 --slowlog-max-len 1000 $hold>&-"
  wait_until 5 said cache 'back'
  tick NSE_EQ:2 3 >&"$hold"
  stored() { [[ $(redis SLOWLOG GET 1000) == *ltp:NSE_EQ:2* ]]; }
  wait_until 5 stored
  stop cache
  [ "$status" -eq 0 ]
  [[ $(redis SLOWLOG GET 1000) != *ltp:NSE_EQ:1* ]]
  exec {hold}>&-
}

@test "whoever hears of a price finds it in the cache" {
  # The last word of each message's price is compared with what GET says at that moment.
  cat >listener.sh <<'SH'
redis-cli -s "$1" SUBSCRIBE live_ltp_updates | grep --line-buffered '^{' | while read -r line; do
  said=$(sed -E 's/.*"ltp":([0-9]+).*/\1/' <<<"$line")
  found=$(redis-cli -s "$1" GET ltp:NSE_EQ:1)
  ((found >= said)) && echo ok || echo "late: $said, cache $found"
done
SH
  start listener bash listener.sh "$redis_socket"
  wait_until 5 eval '[[ $(redis PUBSUB NUMSUB live_ltp_updates | tail -n 1) == 1 ]]'
  for i in {1..40}; do tick NSE_EQ:1 "$i"; done | "$LTP_BIN/ltp-cache" | "$LTP_BIN/ltp-pub" >/dev/null
  wait_until 20 eval '[[ $(wc -l <listener.out) -eq 40 ]]'
  run ! grep late listener.out
}

@test "lines go on passing while Redis is away, and the latest is stored on its return" {
  mkfifo in
  start_shell cache 'exec "$LTP_BIN/ltp-cache" <in'
  exec {hold}>in
  tick NSE_EQ:1 1 >&"$hold"
  wait_until 5 eval '[[ $(redis GET ltp:NSE_EQ:1) == 1 ]]'
  kill_redis
  for i in {2..20}; do tick NSE_EQ:1 "$i" >&"$hold"; done
  wait_until 5 eval '[[ $(wc -l <cache.out) -eq 20 ]]'
  wait_until 5 said cache 'away'
  eval "start_redis $hold>&-"  # or Redis would keep the pipe open
  wait_until 15 eval '[[ $(redis GET ltp:NSE_EQ:1) == 20 ]]'
  wait_until 5 said cache 'back'
  stop cache
  [ "$status" -eq 0 ]
  exec {hold}>&-
}

@test "a Redis that never comes is told of, and costs 69 in the end" {
  stop_redis
  tick NSE_EQ:1 5 >in
  for program in ltp-cache ltp-pub; do start_shell "$program" 'exec "$LTP_BIN/$0" <in'; done
  for program in ltp-cache ltp-pub; do
    finish "$program"
    [ "$status" -eq 69 ]
    cmp in "$program.out"
    said "$program" "unix:$redis_socket"
  done
}

@test "a wrong URL names its variable and shows nothing of it" {
  for url in 'http://user:canary@host' 'redis://:canary@host:99999' 'redis://:canary@host/x'; do
    REDIS_URL=$url run --separate-stderr "$LTP_BIN/ltp-cache" </dev/null
    [ "$status" -eq 78 ]
    [[ $stderr == *REDIS_URL* && $stderr != *canary* ]]
  done
  run --separate-stderr "$LTP_BIN/ltp-pub" --redis 'redis://:canary@localhost' </dev/null
  [ "$status" -eq 64 ]
  [[ $stderr == *REDIS_URL* && $stderr != *canary* ]]
}

@test "an empty input, a closed reader and a signal end it with 0" {
  "$LTP_BIN/ltp-cache" </dev/null >/dev/null
  # The status is the filter's, not the reader's.
  { for i in {1..20000}; do tick NSE_EQ:1 "$i"; done || true; } 2>/dev/null |
    { status=0; "$LTP_BIN/ltp-cache" || status=$?; echo "$status" >status; } | head -n 1 >/dev/null
  wait_until 10 test -s status
  [ "$(cat status)" -eq 0 ]
  mkfifo in
  start_shell pub 'exec "$LTP_BIN/ltp-pub" <in'
  exec {hold}>in
  tick NSE_EQ:1 5 >&"$hold"
  wait_until 5 test -s pub.out
  stop pub
  exec {hold}>&-
  [ "$status" -eq 0 ]
}

@test "a terminal for input is a mistake, and is told so" {
  run script -qec "$LTP_BIN/ltp-cache" /dev/null </dev/null
  [ "$status" -eq 64 ]
  [[ $output == *terminal* ]]
}

@test "of the lines of one batch the last price of each instrument is stored" {
  ticks 2000 10 >in
  "$LTP_BIN/ltp-cache" <in >out
  cmp in out
  [ "$(redis MGET ltp:NSE_EQ:1 ltp:NSE_EQ:2 ltp:NSE_EQ:10)" = $'1991\n1992\n2000' ]
  calls=$(redis INFO commandstats | sed -nE 's/^cmdstat_setex:calls=([0-9]+).*/\1/p')
  ((calls >= 11 && calls < 100))
}

@test "--ttl, --key-prefix and --store-line say where, and for how long" {
  line=$(tick NSE_EQ:2885 2847.35)
  "$LTP_BIN/ltp-cache" --ttl 600 --key-prefix my:feed --store-line <<<"$line" >/dev/null
  [ "$(redis GET my:feed:NSE_EQ:2885)" = 2847.35 ]
  [ "$(redis GET my:feed_line:NSE_EQ:2885)" = "$line" ]
  for key in my:feed:NSE_EQ:2885 my:feed_line:NSE_EQ:2885; do
    ttl=$(redis TTL "$key")
    ((ttl > 590 && ttl <= 600))
  done
  "$LTP_BIN/ltp-cache" --store-line <<<"$line" >/dev/null
  [ "$(redis GET ltp_line:NSE_EQ:2885)" = "$line" ]
  [ "$(redis KEYS 'ltp:*')" = ltp:NSE_EQ:2885 ]
}

@test "--publish publishes each line too, and whoever hears of a price finds it" {
  start listener redis-cli -s "$redis_socket" PSUBSCRIBE 'live_ltp_updates*'
  wait_until 5 grep -q subscribe listener.out
  start monitor redis-cli -s "$redis_socket" MONITOR
  wait_until 5 grep -q OK monitor.out
  {
    ticks 500 3
    echo '{"type":"feed_status","state":"connected"}'
  } >in
  "$LTP_BIN/ltp-cache" --publish --per-instrument <in >out
  cmp in out
  wait_until 10 eval '[[ $(grep -c feed_status listener.out) -eq 1 ]]'
  # Each line once on the channel, in order; each tick once on its own channel.
  diff in <(grep -A1 '^live_ltp_updates$' listener.out | grep '^{')
  [ "$(grep -c '^live_ltp_updates:NSE_EQ:1$' listener.out)" -eq 167 ]
  [ "$(grep -c '^live_ltp_updates:NSE_EQ:[23]$' listener.out)" -eq 333 ]
  # As Redis saw it: the price of a line, then the line.
  wait_until 5 grep -q feed_status monitor.out
  sed -nE 's/.*"SETEX" "ltp:[^"]*" "30" "([0-9]+)".*/\1/p' monitor.out >stored
  sed -nE 's/.*"PUBLISH" "live_ltp_updates" .*ltp\\":([0-9]+).*/\1/p' monitor.out >said
  seq 500 | diff - stored
  seq 500 | diff - said
  [ "$(grep -nm1 SETEX monitor.out | cut -d: -f1)" -lt "$(grep -nm1 PUBLISH monitor.out | cut -d: -f1)" ]
}

@test "--channel and --per-instrument want --publish" {
  for option in '--channel x' --per-instrument; do
    # shellcheck disable=SC2086  # two words
    run "$LTP_BIN/ltp-cache" $option </dev/null
    [ "$status" -eq 64 ]
    [[ $output == *--publish* ]]
  done
}

@test "settings that are none are refused" {
  for option in '--ttl 0' '--ttl -1' '--ttl 30s' '--ttl 99999999999' '--key-prefix=' '--stdout all' '--publish --channel='; do
    # shellcheck disable=SC2086  # two words
    run "$LTP_BIN/ltp-cache" $option </dev/null
    echo "$option: $output"
    [ "$status" -eq 64 ]
    [[ $output == *--* ]]
  done
}

@test "--stdout none writes nothing and stores all the same" {
  tick NSE_EQ:1 5 >in
  run --separate-stderr "$LTP_BIN/ltp-cache" --stdout none <in
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ -z "$stderr" ]
  [ "$(redis GET ltp:NSE_EQ:1)" = 5 ]
  tick NSE_EQ:1 6 | "$LTP_BIN/ltp-cache" --stdout none >&- 2>&-
  [ "$(redis GET ltp:NSE_EQ:1)" = 6 ]
}

@test "--strict ends at the first line that is no good, and says which" {
  head -c 1048577 /dev/zero | tr '\0' x >long
  price=0
  for bad in 'not json' "$(tick NSE_EQ:1 0)" "$(tick FOO:1 5)" '{"type":"screener_ltp_update"}' '' long; do
    ((price += 1))
    { tick NSE_EQ:1 "$price"; echo '{"type":"other"}'; } >good
    { cat good; if [[ $bad == long ]]; then cat long; else printf '%s' "$bad"; fi; echo; tick NSE_EQ:1 99; } >in
    run --separate-stderr "$LTP_BIN/ltp-cache" --strict <in
    [ "$status" -eq 65 ]
    [ "$output" = "$(cat good)" ]
    echo "$bad: $stderr"
    [[ $stderr == *'line 3 is '* ]]
    [ "$(redis GET ltp:NSE_EQ:1)" = "$price" ]
  done
  "$LTP_BIN/ltp-cache" --strict <good >/dev/null
}

@test "a line of 1 MiB with its newline is a line like any other" {
  {
    printf '{"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":5,"x":"'
    head -c $((1048576 - 74)) /dev/zero | tr '\0' x
    printf '"}\n'
  } >in
  [ "$(stat -c %s in)" -eq 1048576 ]
  run --separate-stderr "$LTP_BIN/ltp-cache" --strict --store-line <in
  [ "$status" -eq 0 ]
  [ "$(redis GET ltp:NSE_EQ:1)" = 5 ]
  [ "$(redis STRLEN ltp_line:NSE_EQ:1)" -eq 1048575 ]
}

@test "a closed standard stream is an error, not a place for prices" {
  run bash -c '"$LTP_BIN/ltp-cache" <&-'
  [ "$status" -eq 74 ]
  run bash -c '"$LTP_BIN/ltp-cache" </dev/null >&-'
  [ "$status" -eq 74 ]
}

@test "a last block that cannot be written is told, by both filters" {
  local program
  for program in ltp-cache ltp-pub; do
    run bash -c 'printf "%s\n" "{}" | "$LTP_BIN/$1" >/dev/full' _ "$program"
    [ "$status" -eq 74 ]
    [[ $output == *'cannot write to standard output: No space left on device'* ]]
    run bash -c 'printf "%s\n" "{}" "{}" | "$LTP_BIN/$1" | head -n 1' _ "$program"
    [ "$status" -eq 0 ]
  done
}

@test "a price that Redis never had is missing, also when its time is over" {
  stop_redis
  run bash -c 'printf "%s\n" "$1" | "$LTP_BIN/ltp-cache" --ttl 1' _ "$(tick NSE_EQ:1 5)"
  [ "$status" -eq 69 ]
}

@test "no secret of a line in the wrong place comes out" {
  printf 'redis: redis://:s3cr3t@localhost:1\n' >file
  run "$LTP_BIN/ltp-cache" --config file </dev/null
  [ "$status" -eq 78 ]
  [[ $output != *s3cr3t* ]]
  run "$LTP_BIN/ltp-cache" redis://:s3cr3t@localhost:1 </dev/null
  [ "$status" -eq 64 ]
  [[ $output != *s3cr3t* ]]
}

@test "what is only for publishing needs --publish, wherever the two are said" {
  echo 'publish = true' >file
  tick NSE_EQ:1 5 >in
  run "$LTP_BIN/ltp-cache" --config file --channel other <in
  [ "$status" -eq 0 ]
  echo 'channel = other' >file
  run "$LTP_BIN/ltp-cache" --config file <in
  [ "$status" -eq 64 ]
  run "$LTP_BIN/ltp-cache" --per-instrument <in
  [ "$status" -eq 64 ]
}

@test "a line that is too long is told of, also if the input ends in it" {
  head -c 3000000 /dev/zero >in
  "$LTP_BIN/ltp-cache" <in 2>err >out
  cmp in out
  grep -q 'skipped 1 line: it is longer than 1 MiB' err
}
