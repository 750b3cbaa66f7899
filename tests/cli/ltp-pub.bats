# What ltp-pub promises; ltp-cache.bats has what both filters do alike.
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

# listen PATTERN: what is published from now on goes to listener.out.
listen() {
  start listener redis-cli -s "$redis_socket" PSUBSCRIBE "$1"
  wait_until 5 grep -q subscribe listener.out
}

# heard CHANNEL: the messages that came on it.
heard() { grep -A1 "^$1\$" listener.out | grep '^{'; }

@test "ticks and other objects are published as they stand, junk is not" {
  listen live_ltp_updates
  {
    tick NSE_EQ:1 5
    echo junk
    echo '{"type":"feed_status","state":"connected"}'
    printf '{"type":"custom","n":1}\r\n'
    tick NSE_EQ:1 0
  } >in
  "$LTP_BIN/ltp-pub" <in >out 2>err
  cmp in out
  wait_until 5 grep -q '"ltp":0' listener.out
  diff <(tr -d '\r' <in | grep -v junk) <(heard live_ltp_updates)
  grep -q 'skipped 1 line: it is not JSON' err
  grep -q 'skipped 1 line: it is a tick without a usable key or price' err
}

@test "each line is published while Redis keeps up, however many there are of one instrument" {
  listen live_ltp_updates
  seq 3000 | sed 's/.*/{"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":&}/' >in
  "$LTP_BIN/ltp-pub" --stdout none <in
  wait_until 10 eval '[[ $(grep -c ^{ listener.out) -eq 3000 ]]'
  diff in <(heard live_ltp_updates)
}

@test "--channel and --per-instrument say where" {
  listen '*'
  { tick NSE_EQ:1 5; tick idx_i:13 6; echo '{"type":"custom"}'; } >in
  "$LTP_BIN/ltp-pub" --channel my --per-instrument <in >/dev/null
  wait_until 5 grep -q custom listener.out
  diff in <(heard my)
  [ "$(heard my:NSE_EQ:1)" = "$(tick NSE_EQ:1 5)" ]
  [ "$(heard my:IDX_I:13)" = "$(tick idx_i:13 6)" ]
  [ "$(grep -c '^{' listener.out)" -eq 5 ]
}

@test "after a Redis that was away the latest of each is published, once" {
  mkfifo in
  start_shell pub 'exec "$LTP_BIN/ltp-pub" <in'
  exec {hold}>in
  tick NSE_EQ:1 1 >&"$hold"
  wait_until 5 test -s pub.out
  kill_redis
  for i in {2..20}; do tick "NSE_EQ:$((i % 2 + 1))" "$i" >&"$hold"; done
  for i in {1..3}; do echo "{\"type\":\"custom\",\"n\":$i}" >&"$hold"; done
  wait_until 5 eval '[[ $(wc -l <pub.out) -eq 23 ]]'
  # A listener that is there before ltp-pub is: Redis says who it lets in by a password.
  export REDISCLI_AUTH=early
  eval "start_redis --requirepass early $hold>&-"
  listen '*'
  redis CONFIG SET requirepass ''
  wait_until 15 eval '[[ $(grep -c ^{ listener.out) -ge 2 ]]'
  stop pub
  [ "$status" -eq 0 ]
  [ "$(heard live_ltp_updates | sort)" = "$({ tick NSE_EQ:1 20; tick NSE_EQ:2 19; } | sort)" ]
  said pub '2 ticks were held for it, 17 older gave way'
  said pub '3 lines of other types could not be published'
  exec {hold}>&-
}

@test "a line of another type that Redis did not take in the end costs 69, and is told" {
  local line='{"type":"gap"}'
  redis ACL SETUSER mute on '>pw' resetchannels
  REDIS_URL=unix://mute:pw@$redis_socket run --separate-stderr "$LTP_BIN/ltp-pub" <<<"$line"
  [ "$status" -eq 69 ]
  [ "$output" = "$line" ]
  [[ $stderr == *'1 line of another type was not published: '*' refused them (NOPERM '* ]]
  stop_redis
  { echo "$line"; echo "$line"; echo '{"type":"feed_status","state":"connected"}'; } >in
  for program in 'ltp-pub' 'ltp-cache --publish'; do
    # shellcheck disable=SC2086  # two words
    start_shell "$program" "exec \"\$LTP_BIN\"/$program <in"
  done
  for program in 'ltp-pub' 'ltp-cache --publish'; do
    finish "$program"
    [ "$status" -eq 69 ]
    cmp in "$program.out"
    said "$program" '3 lines of other types were not published: .* is away'
  done
}

@test "of what Redis is too slow for the latest of each is published, and the rest counted" {
  listen live_ltp_updates
  # 64 MB, twice of what may be under way, of two instruments.
  pad=$(head -c 1000000 /dev/zero | tr '\0' x)
  for i in {1..64}; do
    printf '{"type":"screener_ltp_update","instrument_key":"NSE_EQ:%d","ltp":%d,"pad":"%s"}\n' \
      "$((2 - i % 2))" "$i" "$pad"
  done >in
  mkfifo pipe
  start_shell pub 'exec "$LTP_BIN/ltp-pub" --stdout none <pipe'
  exec {hold}>pipe
  wait_until 5 eval '[[ $(redis CLIENT LIST) == *name=ltp-pub* ]]'
  kill -STOP "$redis_pid"
  cat in >&"$hold"
  exec {hold}>&-
  kill -CONT "$redis_pid"
  finish pub 20
  [ "$status" -eq 0 ]
  said pub 'is slow: [0-9]+ ticks gave way to a newer one of the same instrument'
  gave_way=$(sed -nE 's/.* slow: ([0-9]+) ticks gave way.*/\1/p' pub.err)
  published=$(redis INFO commandstats | sed -nE 's/^cmdstat_publish:calls=([0-9]+).*/\1/p')
  [ "$((gave_way + published))" -eq 64 ]
  wait_until 10 eval '[[ $(grep -c "^{" listener.out) -eq $published ]]'
  [ "$(grep -o '"NSE_EQ:1","ltp":[0-9]*' listener.out | tail -n 1)" = '"NSE_EQ:1","ltp":63' ]
  [ "$(grep -o '"NSE_EQ:2","ltp":[0-9]*' listener.out | tail -n 1)" = '"NSE_EQ:2","ltp":64' ]
}
