#!/usr/bin/env bash
# Kills Redis with SIGKILL, 100 times or as often as is said, while ltp-cache stores 2,000
# ticks a second, and starts it again after 0 to 2 s. Each time data has to flow within 1 s
# of Redis accepting; in the end the last price of each instrument has to be in Redis.
#
#   LTP_BIN=$PWD/build/bin tests/campaign/redis_kill.sh [TIMES]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.bash"
times=${1:-100}

cli=(redis-cli -s "$dir/redis.sock")
start_redis() {
  redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --appendonly no \
    >"$dir/redis.log" 2>&1 &
  redis_pid=$!
  pids+=("$redis_pid")
  until_ok 10 accepts
}
accepts() { [[ $("${cli[@]}" PING) == PONG ]]; }
has_data() { (($("${cli[@]}" DBSIZE) > 0)); }

start_redis
feed_ticks ticks 2000
REDIS_URL=unix://$dir/redis.sock "$LTP_BIN/ltp-cache" \
  <"$dir/ticks.fifo" >"$dir/out" 2>"$dir/cache.err" &
cache_pid=$!
pids+=("$cache_pid")
until_ok 10 has_data

waits=()
for ((i = 1; i <= times; ++i)); do
  sleep "0.$((RANDOM % 5 + 1))"  # under load meanwhile
  kill -KILL "$redis_pid"
  wait "$redis_pid" 2>/dev/null || true
  sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
  start_redis
  until_ok 10 has_data
  waits+=("$took_ms")
  ((took_ms <= 1000)) || fail "data flowed only $took_ms ms after Redis accepted (kill $i)"
  kill -0 "$cache_pid" || fail "ltp-cache has ended"
done
report "data after Redis accepts" "${waits[@]}"
end_and_compare "${cli[@]}"
