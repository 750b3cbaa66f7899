# What becomes of prices when Redis refuses, stalls or half goes away; ltp(7) has the table.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() {
  [[ -z ${redis_pid-} ]] || kill -CONT "$redis_pid"
  stop_all
  stop_redis
}

# tick KEY PRICE
tick() { printf '{"type":"screener_ltp_update","instrument_key":"%s","ltp":%s}\n' "$1" "$2"; }

# start_filter [OPTION…]: ltp-cache, fed by what is written to $feed. $ticks were written.
start_filter() {
  mkfifo in
  start_shell cache 'exec "$LTP_BIN/ltp-cache" "$@" <in' "$@"
  exec {feed}>in
  ticks=0
}
say() {
  tick NSE_EQ:1 "$1" >&"$feed"
  ((ticks += 1))
}
# passed_on: all lines so far have come out.
passed_on() { [[ $(wc -l <cache.out) -eq $ticks ]]; }
price_is() { [[ $(redis GET ltp:NSE_EQ:1) == "$1" ]]; }
# end_input [SECONDS]: the status is in $status then.
end_input() {
  exec {feed}>&-
  finish cache "${1-}"
}

# refused_then_mended WORD MEND…: Redis refuses a price with this word; after MEND it gets
# it without a new tick.
refused_then_mended() {
  local word=$1
  shift
  say 2
  wait_until 5 said cache "$word"
  wait_until 2 passed_on
  run ! price_is 2
  "$@"
  wait_until 5 price_is 2
  end_input
  [ "$status" -eq 0 ]
}

listen() {
  start listener redis-cli -s "$redis_socket" SUBSCRIBE live_ltp_updates
  wait_until 5 grep -q subscribe listener.out
}

@test "OOM: prices wait until there is memory, and lines are published meanwhile" {
  start_redis
  listen
  start_filter --publish
  say 1
  wait_until 5 price_is 1
  redis CONFIG SET maxmemory 1
  say 2
  wait_until 5 said cache 'refused .* OOM'
  wait_until 5 grep -q '"ltp":2}' listener.out
  price_is 1
  redis CONFIG SET maxmemory 0
  wait_until 5 price_is 2
  end_input
  [ "$status" -eq 0 ]
  [ "$(grep -c '"ltp":2}' listener.out)" -eq 1 ]
}

@test "OOM to the end costs 69, and the message says so" {
  start_redis --maxmemory 1
  run --separate-stderr "$LTP_BIN/ltp-cache" < <(tick NSE_EQ:1 5; tick NSE_EQ:2 6)
  [ "$status" -eq 69 ]
  [ "$output" = "$(tick NSE_EQ:1 5; tick NSE_EQ:2 6)" ]
  [[ $stderr == *'latest prices of 2 instruments were not stored'*OOM* ]]
}

@test "MISCONF: prices wait until a snapshot succeeds" {
  start_redis --save '3600 1' --dir "$PWD" --dbfilename dump
  mkdir dump  # no file can take its place
  redis BGSAVE
  wait_until 5 eval '[[ $(redis INFO persistence) == *rdb_last_bgsave_status:err* ]]'
  start_filter
  refused_then_mended MISCONF eval 'rmdir dump; redis BGSAVE'
}

@test "NOREPLICAS: prices wait until there are enough" {
  start_redis --min-replicas-to-write 1
  start_filter
  refused_then_mended NOREPLICAS redis CONFIG SET min-replicas-to-write 0
}

@test "READONLY: Redis is away until it is a master again" {
  start_redis
  start_filter
  say 1
  wait_until 5 price_is 1
  redis REPLICAOF 127.0.0.1 1
  refused_then_mended 'away .*READONLY' redis REPLICAOF NO ONE
}

@test "BUSY: Redis is away until its script has ended" {
  start_redis --busy-reply-threshold 100
  start_filter
  say 1
  wait_until 5 price_is 1
  start script redis-cli -s "$redis_socket" EVAL 'while true do end' 0
  wait_until 5 eval '[[ $(redis PING 2>&1) == *BUSY* ]]'
  say 2
  wait_until 5 said cache 'away .*BUSY'
  wait_until 2 passed_on
  redis SCRIPT KILL
  wait_until 5 price_is 2
  end_input
  [ "$status" -eq 0 ]
}

@test "MASTERDOWN: a replica without its master gives no prices, and says so" {
  start_redis --replica-serve-stale-data no
  redis SETEX ltp:NSE_EQ:1 30 5
  redis REPLICAOF 127.0.0.1 1
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:1
  [ "$status" -eq 69 ]
  [[ $stderr == *MASTERDOWN* ]]
  redis REPLICAOF NO ONE
  run "$LTP_BIN/ltp-get" NSE_EQ:1
  [ "$status" -eq 0 ]
}

@test "LOADING: Redis is away until it has loaded" {
  start_redis --dir "$PWD"
  redis EVAL 'for i = 1, 200 do redis.call("SET", "k" .. i, string.rep("x", 100)) end' 0
  redis SAVE
  stop_redis
  start_filter
  say 2
  eval "start_redis --dir '$PWD' --key-load-delay 5000 --loading-process-events-interval-bytes 1024 $feed>&-"
  said cache 'away .*LOADING'
  wait_until 10 price_is 2
  end_input
  [ "$status" -eq 0 ]
}

@test "NOAUTH and WRONGPASS: Redis is away until it lets us in; no password is shown" {
  local url word
  for word in NOAUTH WRONGPASS; do
    REDISCLI_AUTH=secret start_redis --requirepass secret
    [[ $word == NOAUTH ]] || REDIS_URL="unix://default:canary@$redis_socket"
    start_filter
    REDISCLI_AUTH=secret
    export REDISCLI_AUTH
    # Without a password needed, any is right.
    refused_then_mended "away .*$word" redis CONFIG SET requirepass ''
    unset REDISCLI_AUTH
    run ! grep -E 'canary|secret' cache.err
    stop_redis
    rm in
  done
}

@test "max clients: Redis is away until there is a place" {
  start_redis
  start holder redis-cli -s "$redis_socket" SUBSCRIBE x
  wait_until 5 grep -q subscribe holder.out
  redis CONFIG SET maxclients 1
  start_filter
  say 2
  wait_until 5 said cache 'away .*max number of clients'
  stop holder
  wait_until 15 said cache 'back'
  end_input
  [ "$status" -eq 0 ]
  price_is 2
}

@test "NOPERM: what is refused is told, the rest is done" {
  start_redis
  redis ACL SETUSER narrow on '>pw' resetchannels '~ltp:*' '~market_stream:heartbeat' +setex
  REDIS_URL=unix://narrow:pw@$redis_socket run --separate-stderr "$LTP_BIN/ltp-cache" --publish < <(tick NSE_EQ:1 5)
  [ "$status" -eq 69 ]
  [[ $stderr == *'refused 1 command: NOPERM'*publish* ]]
  price_is 5
}

@test "the rights that ltp(7) names are enough" {
  start_redis
  local rights
  # Those of the writers; what is punctuation of the sentence is none.
  rights=$(sed -nE '/^\.It NOPERM/,/^\.It /s/^\.Ql ([+&][a-z].*[a-z*])( [.,])?$/\1/p' \
    "$BATS_TEST_DIRNAME/../../man/ltp.7")
  # shellcheck disable=SC2086  # words
  redis ACL SETUSER narrow on '>pw' resetchannels $rights
  REDIS_URL=unix://narrow:pw@$redis_socket run --separate-stderr \
    "$LTP_BIN/ltp-cache" --store-line --publish --per-instrument < <(tick NSE_EQ:1 5)
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  price_is 5
}

# feed_until COMMAND…: prices, each higher than the last, some 20 a second; the last one is
# in $price.
feed_until() {
  : "${price:=0}"
  poll 20 feed_one "$@"
}
feed_one() {
  say $((price += 1))
  "$@"
}
seconds_have_gone() { ((SECONDS >= fed_until_s)); }

@test "Redis killed under ticks, three times: every line passes, and the last price is there" {
  start_redis
  start_filter --publish
  has_a_price() { [[ $(redis GET ltp:NSE_EQ:1) ]]; }
  # That it is away, since it was last said to be back, and that it is not there again yet:
  # a reason that is the same as the last one is told once in a minute.
  is_told() { awk '/ is back/ { n = 0 } /Connection refused/ { n = 1 } END { exit !n }' cache.err; }
  local times
  for times in 1 2 3; do
    feed_until has_a_price
    kill_redis
    feed_until is_told
    wait_until 2 passed_on
    eval "start_redis ${feed}>&-"  # with nothing in it, and without our end of the pipe
  done
  feed_until has_a_price
  say $((price += 1))
  end_input
  [ "$status" -eq 0 ]
  passed_on
  price_is "$price"
}

@test "a Redis that is halted for 10 s keeps no line back, and has the last price after" {
  start_redis
  start_filter --publish
  say 0.5
  wait_until 5 price_is 0.5
  kill -STOP "$redis_pid"
  fed_until_s=$((SECONDS + 11))
  feed_until seconds_have_gone
  wait_until 2 passed_on
  kill -CONT "$redis_pid"
  wait_until 10 price_is "$price"
  said cache 'away .*no answer within 5 s'
  end_input
  [ "$status" -eq 0 ]
  price_is "$price"
}

@test "a Redis that pauses keeps no line back, and has the last price after" {
  start_redis
  start_filter --publish
  say 0.5
  wait_until 5 price_is 0.5
  redis CLIENT PAUSE 2000 ALL
  fed_until_s=$((SECONDS + 2))
  feed_until seconds_have_gone
  wait_until 1 passed_on
  wait_until 5 price_is "$price"
  end_input
  [ "$status" -eq 0 ]
}

@test "a link that carries nothing any more is given up for a new one" {
  start_redis
  start proxy node "$BATS_TEST_DIRNAME/../node/redis_proxy.mjs" proxy.sock "$redis_socket"
  wait_until 10 said proxy listening
  REDIS_URL=unix://$PWD/proxy.sock start_filter
  say 1
  wait_until 5 price_is 1
  send USR1 proxy
  wait_until 5 said proxy 'stalled 1'
  say 2
  wait_until 2 passed_on
  wait_until 10 price_is 2
  end_input
  [ "$status" -eq 0 ]
}

@test "what a broken link brings late does not stay the last" {
  start_redis
  listen
  start proxy node "$BATS_TEST_DIRNAME/../node/redis_proxy.mjs" proxy.sock "$redis_socket" late
  wait_until 10 said proxy listening
  REDIS_URL=unix://$PWD/proxy.sock start_filter --publish
  say 1
  wait_until 5 price_is 1
  send USR1 proxy
  wait_until 5 said proxy 'stalled 1'
  say 2
  wait_until 10 said cache 'away .*no answer'
  say 3
  wait_until 2 passed_on
  send USR2 proxy
  published() { [[ $(grep -o '"ltp":[0-9]*' listener.out | tr -dc '0-9\n' | xargs) == "$1" ]]; }
  wait_until 10 published '1 3 2 3'
  price_is 3
  end_input
  [ "$status" -eq 0 ]
}

@test "answers that come byte by byte are answers" {
  start_redis
  start proxy node "$BATS_TEST_DIRNAME/../node/redis_proxy.mjs" proxy.sock "$redis_socket" bytes
  wait_until 10 said proxy listening
  redis ACL SETUSER default -publish
  seq 300 | sed 's/.*/{"type":"screener_ltp_update","instrument_key":"NSE_EQ:&","ltp":&}/' >ticks
  REDIS_URL=unix://$PWD/proxy.sock run --separate-stderr "$LTP_BIN/ltp-cache" --publish <ticks
  [ "$status" -eq 69 ]
  [ "$output" = "$(cat ticks)" ]
  [[ $stderr == *'of 300 instruments were not stored'*NOPERM* ]]
  [ "$(redis DBSIZE)" -eq 301 ]
  [ "$(redis GET ltp:NSE_EQ:300)" = 300 ]
}

@test "at the end a Redis that is halted gets 5 s, then the status says what is lost" {
  start_redis
  start_filter --publish
  say 1
  wait_until 5 price_is 1
  kill -STOP "$redis_pid"
  say 2
  echo '{"type":"gap"}' >&"$feed"
  ((ticks += 1))
  wait_until 2 passed_on
  SECONDS=0
  end_input 8
  ((SECONDS >= 4 && SECONDS <= 7))
  [ "$status" -eq 69 ]
  said cache 'latest prices of 1 instrument were not stored'
  said cache '1 line of another type was not published'
}
