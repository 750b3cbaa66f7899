#!/usr/bin/env bash
# How fast ltp-cache and ltp-pub are, beside references in the same run, in turns:
#
#   commands   against `redis-cli --pipe` with the same commands prepared, over a unix socket
#              and TCP; each line is of another instrument, so none can be merged; Redis
#              counts them
#   lines      a file of 1,000 instruments through ltp-cache to /dev/null, against
#              simdjson's parser on the same file
#   latency    at 100 ticks a second, against cat and a PUBLISH without a filter
#
#   filter_bench.sh [BUILD_DIRECTORY [LINES]]    build, 1000000
#
# RUN holds words to put before what is measured and before Redis; on a machine that has
# other things to do: RUN='chrt -f 10'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly BIN=$PWD/${1:-build}/bin LINES_IN=${2:-1000000} ROUNDS=5
read -ra run <<<"${RUN-}"
readonly COMMANDS_IN=$LINES_IN
readonly INSTRUMENTS=25000  # as many as the broker gives; Redis counts whether one gave way

main() {
  work=$(mktemp -d)
  trap 'kill "${redis_pid-}" 2>/dev/null || true; rm -rf "$work"' EXIT
  start_redis
  for form in lines setex setex+publish; do
    "$BIN/filter_input" "$COMMANDS_IN" "$INSTRUMENTS" "$form" >"$work/$form"
  done
  "$BIN/filter_input" "$LINES_IN" 1000 lines >"$work/thousand"

  echo "median of $ROUNDS rounds, $LINES_IN lines of $(($(stat -c %s "$work/thousand") / LINES_IN)) bytes, $(nproc) cores"
  echo
  local link form
  for link in unix tcp; do
    for form in setex setex+publish; do commands "$link" "$form"; done
  done
  echo
  lines
  echo
  "${run[@]}" "$BIN/filter_latency" "$work/redis.sock" "$BIN/ltp-cache" --publish --redis "unix://$work/redis.sock"
}

start_redis() {
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  "${run[@]}" redis-server --port "$port" --bind 127.0.0.1 --unixsocket "$work/redis.sock" --save '' \
    --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  redis_pid=$!
  until redis PING >"$work/pong" 2>&1; do sleep 0.05; done
}
redis() { redis-cli -s "$work/redis.sock" "$@"; }

# measure FILE COMMAND…: appends how long it took, and how long it and Redis were on a core.
measure() {
  local file=$1 before TIMEFORMAT='%R %U %S'
  shift
  before=$(redis_cpu)
  { time "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }; } 2>"$work/time"
  awk -v before="$before" -v after="$(redis_cpu)" '{ print $1, $2 + $3, after - before }' "$work/time" >>"$file"
}
redis_cpu() { redis INFO cpu | awk -F: '/^used_cpu_(sys|user):/ { sum += $2 } END { print sum }'; }
# median FILE COLUMN
median() { cut -d' ' -f"$2" "$1" | sort -n | sed -n "$((ROUNDS / 2 + 1))p"; }

# compare NAME COUNT REFERENCE SUBJECT: of the measurements in a and b.
compare() {
  awk -v name="$1" -v n="$2" -v ref="$3" -v sub_="$4" \
    -v a="$(median "$work/a" 1)" -v b="$(median "$work/b" 1)" \
    -v ac="$(median "$work/a" 2)" -v bc="$(median "$work/b" 2)" \
    -v ar="$(median "$work/a" 3)" -v br="$(median "$work/b" 3)" 'BEGIN {
      printf "%-18s %-16s %9.0f/s  own CPU %.2f us each  of Redis %.2f us\n", name, ref, n / a, ac / n * 1e6, ar / n * 1e6
      printf "%-18s %-16s %9.0f/s  own CPU %.2f us each  of Redis %.2f us   %.2f x\n", "", sub_, n / b, bc / n * 1e6, br / n * 1e6, a / b }'
}

# calls COMMAND: of those that Redis has counted since the last reset.
calls() {
  local count
  count=$(redis INFO commandstats | sed -nE "s/^cmdstat_$1:calls=([0-9]+).*/\1/p")
  echo "${count:-0}"
}
fresh() { redis FLUSHALL >"$work/out"; redis CONFIG RESETSTAT >"$work/out"; }

pipe_unix() { "${run[@]}" redis-cli -s "$work/redis.sock" --pipe <"$work/$1"; }
pipe_tcp() { "${run[@]}" redis-cli -h 127.0.0.1 -p "$port" --pipe <"$work/$1"; }
filter() {
  local url=unix://$work/redis.sock
  [[ $1 == unix ]] || url=redis://127.0.0.1:$port
  case $2 in
    setex) "${run[@]}" "$BIN/ltp-cache" --redis "$url" <"$work/lines" >/dev/null ;;
    setex+publish) "${run[@]}" "$BIN/ltp-cache" --publish --redis "$url" <"$work/lines" >/dev/null ;;
  esac
}

commands() {
  local link=$1 form=$2 round of=1
  [[ $form == setex ]] || of=2
  : >"$work/a"
  : >"$work/b"
  for ((round = 0; round < ROUNDS; round++)); do
    fresh
    measure "$work/a" "pipe_$link" "$form"
    fresh
    measure "$work/b" filter "$link" "$form"
    # The heartbeat is a SETEX too, one each 5 s.
    (($(calls setex) >= COMMANDS_IN)) || { echo "only $(calls setex) SETEX arrived"; exit 1; }
    ((of == 1 || $(calls publish) == COMMANDS_IN)) || { echo "only $(calls publish) PUBLISH arrived"; exit 1; }
  done
  compare "$link $form" $((COMMANDS_IN * of)) 'redis-cli --pipe' filter
}

lines() {
  local round
  : >"$work/a"
  : >"$work/b"
  for ((round = 0; round < ROUNDS; round++)); do
    measure "$work/a" "${run[@]}" "$BIN/parse_file" "$work/thousand"
    fresh
    measure "$work/b" through
  done
  compare lines "$LINES_IN" 'simdjson alone' ltp-cache
  echo "                   $(calls setex) SETEX were left to send"
}
through() { "${run[@]}" "$BIN/ltp-cache" --redis "unix://$work/redis.sock" <"$work/thousand" >/dev/null; }

main
