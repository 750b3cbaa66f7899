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
#   filter_bench.sh [BUILD_DIRECTORY [LINES]]    build, 1000000; 3 in 10 of them for commands
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly BIN=$PWD/${1:-build}/bin LINES_IN=${2:-1000000} ROUNDS=5
readonly COMMANDS_IN=$((LINES_IN * 3 / 10))  # lines, each of another instrument

main() {
  work=$(mktemp -d)
  trap 'kill "${redis_pid-}" 2>/dev/null || true; rm -rf "$work"' EXIT
  start_redis
  for form in lines setex setex+publish; do
    "$BIN/filter_input" "$COMMANDS_IN" "$COMMANDS_IN" "$form" >"$work/$form"
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
  "$BIN/filter_latency" "$work/redis.sock" "$BIN/ltp-cache" --publish --redis "unix://$work/redis.sock"
}

start_redis() {
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  redis-server --port "$port" --bind 127.0.0.1 --unixsocket "$work/redis.sock" --save '' \
    --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  redis_pid=$!
  until redis PING >"$work/pong" 2>&1; do sleep 0.05; done
}
redis() { redis-cli -s "$work/redis.sock" "$@"; }

# seconds COMMAND…: how long it took.
seconds() {
  local begin=$EPOCHREALTIME
  "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
  awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.4f\n", b - a }'
}
median() { sort -n "$1" | sed -n "$((ROUNDS / 2 + 1))p"; }

# calls COMMAND: of those that Redis has counted since the last reset.
calls() {
  local count
  count=$(redis INFO commandstats | sed -nE "s/^cmdstat_$1:calls=([0-9]+).*/\1/p")
  echo "${count:-0}"
}
fresh() { redis FLUSHALL >"$work/out"; redis CONFIG RESETSTAT >"$work/out"; }

pipe_unix() { redis-cli -s "$work/redis.sock" --pipe <"$work/$1"; }
pipe_tcp() { redis-cli -h 127.0.0.1 -p "$port" --pipe <"$work/$1"; }
filter() {
  local url=unix://$work/redis.sock
  [[ $1 == unix ]] || url=redis://127.0.0.1:$port
  case $2 in
    setex) "$BIN/ltp-cache" --redis "$url" <"$work/lines" >/dev/null ;;
    setex+publish) "$BIN/ltp-cache" --publish --redis "$url" <"$work/lines" >/dev/null ;;
  esac
}

commands() {
  local link=$1 form=$2 round of=1
  [[ $form == setex ]] || of=2
  : >"$work/a"
  : >"$work/b"
  for ((round = 0; round < ROUNDS; round++)); do
    fresh
    seconds "pipe_$link" "$form" >>"$work/a"
    fresh
    seconds filter "$link" "$form" >>"$work/b"
    # The heartbeat is a SETEX too, one each 5 s.
    (($(calls setex) >= COMMANDS_IN)) || { echo "only $(calls setex) SETEX arrived"; exit 1; }
    ((of == 1 || $(calls publish) == COMMANDS_IN)) || { echo "only $(calls publish) PUBLISH arrived"; exit 1; }
  done
  awk -v name="$link $form" -v n="$((COMMANDS_IN * of))" -v a="$(median "$work/a")" -v b="$(median "$work/b")" \
    'BEGIN { printf "%-20s redis-cli --pipe %9.0f/s   filter %9.0f/s   %.2f x\n", name, n / a, n / b, a / b }'
}

lines() {
  local round
  : >"$work/a"
  : >"$work/b"
  for ((round = 0; round < ROUNDS; round++)); do
    seconds "$BIN/parse_file" "$work/thousand" >>"$work/a"
    fresh
    seconds through >>"$work/b"
  done
  awk -v n="$LINES_IN" -v a="$(median "$work/a")" -v b="$(median "$work/b")" -v c="$(calls setex)" \
    'BEGIN { printf "%-20s simdjson alone %11.0f/s   ltp-cache %9.0f/s   %.2f x, %d SETEX\n", "lines", n / a, n / b, a / b, c }'
}
through() { "$BIN/ltp-cache" --redis "unix://$work/redis.sock" <"$work/thousand" >/dev/null; }

main
