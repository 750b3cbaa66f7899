#!/usr/bin/env bash
# A master, a replica and three sentinels; the master is killed or told to hand over, 20
# times or as often as is said, while ltp-cache stores 2,000 ticks a second. Each time data
# has to reach the new master, and none the old one once it has been demoted for 5 s; in
# the end the last price of each instrument has to be there.
#
#   LTP_BIN=$PWD/build/bin tests/campaign/redis_failover.sh [TIMES]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.bash"
times=${1:-20}

# Ports that the kernel has just given away and got back.
free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(s.address().port); s.close(); })'
}
declare -A pid_of=()
start_redis() {  # PORT [OPTION…]
  redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir" \
    --repl-diskless-sync-delay 0 "${@:2}" >>"$dir/$1.log" 2>&1 &
  pid_of[$1]=$!
  pids+=($!)
  until_ok 10 answers "$1"
}
answers() { [[ $(redis-cli -p "$1" PING) == PONG ]]; }
is_replica() { [[ $(redis-cli -p "$1" ROLE | head -n 1) == slave ]]; }
is_linked() { [[ $(redis-cli -p "$1" INFO replication) == *master_link_status:up* ]]; }
setex_calls() {
  redis-cli -p "$1" INFO commandstats | sed -n 's/.*cmdstat_setex:calls=\([0-9]*\),.*/\1/p'
}
sees_all() {  # SENTINEL PORT
  [[ $(redis-cli -p "$1" SENTINEL CKQUORUM main) == 'OK 3 usable'* ]] &&
    [[ $(redis-cli -p "$1" SENTINEL REPLICAS main) == *"$2"* ]]
}
# The values are new ones: a price that stood there changes.
grows() { [[ $(redis-cli -p "$1" GET ltp:NSE_EQ:7) != "$2" ]] && answers "$1"; }
is_master_with_data() {
  ! is_replica "$1" && grows "$1" "$(redis-cli -p "$1" GET ltp:NSE_EQ:7; sleep 0.2)"
}

master=$(free_port)
replica=$(free_port)
start_redis "$master"
start_redis "$replica" --replicaof 127.0.0.1 "$master"
until_ok 10 is_linked "$replica"

sentinels=()
for i in 1 2 3; do
  port=$(free_port)
  printf '%s\n' "port $port" 'bind 127.0.0.1' "dir $dir" \
    "sentinel monitor main 127.0.0.1 $master 2" 'sentinel down-after-milliseconds main 500' \
    'sentinel failover-timeout main 2000' >"$dir/sentinel$i.conf"
  redis-server "$dir/sentinel$i.conf" --sentinel >"$dir/sentinel$i.log" 2>&1 &
  pids+=($!)
  sentinels+=("$port")
  until_ok 10 answers "$port"
  redis-cli -p "$port" SENTINEL DEBUG publish-period 200 info-period 500 \
    ask-period 100 >/dev/null
done
for port in "${sentinels[@]}"; do until_ok 60 sees_all "$port" "$replica"; done

feed_ticks ticks 2000
printf -v places '127.0.0.1:%s,' "${sentinels[@]}"
REDIS_URL=redis+sentinel://${places%,}/main "$LTP_BIN/ltp-cache" \
  <"$dir/ticks.fifo" >"$dir/out" 2>"$dir/cache.err" &
cache_pid=$!
pids+=("$cache_pid")
until_ok 60 is_master_with_data "$master"

kills=() hands=()
for ((i = 1; i <= times; ++i)); do
  if ((i % 2 == 1)); then
    kill -KILL "${pid_of[$master]}"
    wait "${pid_of[$master]}" 2>/dev/null || true
    until_ok 60 is_master_with_data "$replica"
    kills+=("$took_ms")
    start_redis "$master"
  else
    until_ok 60 sees_all "${sentinels[0]}" "$replica"
    until_ok 60 redis-cli -e -p "${sentinels[$((i % 3))]}" SENTINEL FAILOVER main
    until_ok 60 is_master_with_data "$replica"
    hands+=("$took_ms")
  fi
  # The old master comes back as a replica. Sentinels that were short of time for 2 s do
  # nothing for 30 s, hence the patience.
  until_ok 90 is_replica "$master"
  until_ok 60 is_linked "$master"
  kill -0 "$cache_pid" || fail "ltp-cache has ended"
  old=$master master=$replica replica=$old
  for port in "${sentinels[@]}"; do until_ok 60 sees_all "$port" "$replica"; done
done
report "data at the new master after a kill" "${kills[@]}"
((${#hands[@]} == 0)) || report "data at the new master after a handover" "${hands[@]}"

# Demoted behind the sentinels' back: 5 s, and not a command more.
redis-cli -p "${sentinels[0]}" PING >/dev/null
redis-cli -p "$master" REPLICAOF 127.0.0.1 "$replica" >/dev/null
sleep 5
before=$(redis-cli -p "$master" CLIENT LIST | grep -c 'name=ltp-cache' || true)
((before == 0)) || fail "a master that was demoted 5 s ago is still connected to"
redis-cli -p "$master" REPLICAOF NO ONE >/dev/null
echo "a master demoted by hand was left within 5 s"
until_ok 60 is_master_with_data "$master"
end_and_compare redis-cli -p "$master"
