#!/usr/bin/env bash
# What ltp-sim costs: 25,000 instruments on five connections, each read by an ltp-feed.
#
#   tests/bench/sim_load.sh [MODE [HZ [BURST]]]     quote, 1 tick a second, 40 trades each
#
# Prints the share of one core that ltp-sim takes at that rate, and what a burst costs it.
# LTP_BIN names the programs, build/bin if it is not set: the release build.
set -euo pipefail

readonly MODE=${1:-quote} HZ=${2:-1} BURST=${3:-40}
readonly CONNECTIONS=5 EACH=5000 MEASURED_S=10
bin=${LTP_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/bin}
work=$(mktemp -d)
sim=
feeds=()
end_all() {
  kill "$sim" "${feeds[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap end_all EXIT

state() { curl -sS "$control/state" | jq "$1"; }
# ticks_of: hundredths of a second of CPU that ltp-sim has taken.
ticks_of() { awk '{ print $14 + $15 }' "/proc/$sim/stat"; }
now_ms() { date +%s%3N; }

"$bin/ltp-sim" --control --rate "$HZ" 2>"$work/sim" &
sim=$!
until url=$(sed -nE 's/.*listening on //p' "$work/sim") && [[ -n $url ]]; do sleep 0.05; done
control=http${url#ws}/control

for ((i = 0; i < CONNECTIONS; i++)); do
  seq -f 'NSE_EQ:%.0f' $((i * EACH + 1)) $(((i + 1) * EACH)) >"$work/list$i"
  DHANHQ_CLIENT_ID=$i DHANHQ_ACCESS_TOKEN=none \
    "$bin/ltp-feed" --url "$url" --mode "$MODE" -i "$work/list$i" >/dev/null 2>"$work/feed$i" &
  feeds+=($!)
done
until (($(state '[.connections[].subscriptions] | add // 0') == CONNECTIONS * EACH)); do sleep 0.1; done

trades=$(state .trades) cpu=$(ticks_of) start=$(now_ms)
sleep "$MEASURED_S"
passed=$(($(now_ms) - start)) cpu=$(($(ticks_of) - cpu)) trades=$(($(state .trades) - trades))
awk -v n="$trades" -v cpu="$cpu" -v ms="$passed" 'BEGIN {
  printf "%d ticks/s, %.1f %% of a core\n", n * 1000 / ms, cpu * 1000 / ms }'

trades=$(state .trades) cpu=$(ticks_of) start=$(now_ms)
curl -sS -o "$work/told" -d '' "$control/burst?trades=$BURST"
until (($(state .trades) - trades >= BURST * CONNECTIONS * EACH)); do sleep 0.02; done
printf 'burst of %d trades: %d ms, %d ms of them on a core\n' \
  $((BURST * CONNECTIONS * EACH)) $(($(now_ms) - start)) $((($(ticks_of) - cpu) * 10))
