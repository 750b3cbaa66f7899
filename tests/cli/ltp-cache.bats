# What ltp-cache and ltp-pub promise to a pipe and to Redis.
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

@test "ltp-pub publishes ticks and other objects, not junk" {
  start listener redis-cli -s "$redis_socket" SUBSCRIBE live_ltp_updates
  wait_until 5 grep -q subscribe listener.out
  { tick NSE_EQ:1 5; echo junk; echo '{"type":"feed_status","state":"connected"}'; echo '{"type":"custom","n":1}'; } |
    "$LTP_BIN/ltp-pub" >/dev/null 2>&1
  wait_until 5 grep -q custom listener.out
  [ "$(grep '^{' listener.out)" = "$(tick NSE_EQ:1 5; echo '{"type":"feed_status","state":"connected"}'; echo '{"type":"custom","n":1}')" ]
  run ! grep junk listener.out
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
  for program in ltp-cache ltp-pub; do
    run --separate-stderr "$LTP_BIN/$program" <in
    [ "$status" -eq 69 ]
    [ "$output" = "$(cat in)" ]
    [[ $stderr == *"unix:$redis_socket"* ]]
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
