# A failover as the programs live through it: three sentinels, a master and a replica, two
# rounds of what tests/campaign/redis_failover.sh does twenty times.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  local i
  master=$(free_port)
  replica=$(free_port)
  start_redis "$master"
  start_redis "$replica" --replicaof 127.0.0.1 "$master"
  wait_until 15 is_linked "$replica"
  sentinels=()
  for i in 1 2 3; do start_sentinel "$i"; done
  for port in "${sentinels[@]}"; do wait_until 60 sees_all "$port" "$replica"; done
  printf -v places '127.0.0.1:%s,' "${sentinels[@]}"
  export REDIS_URL=redis+sentinel://${places%,}/main
}
teardown() { stop_all; }

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
start_redis() { # PORT [OPTION…]
  start "redis$1" redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir "$PWD" \
    --repl-diskless-sync-delay 0 "${@:2}"
  wait_until 10 answers "$1"
}
start_sentinel() {
  local port
  port=$(free_port)
  printf '%s\n' "port $port" 'bind 127.0.0.1' "dir $PWD" "sentinel monitor main 127.0.0.1 $master 2" \
    'sentinel down-after-milliseconds main 1000' 'sentinel failover-timeout main 4000' >"sentinel$1.conf"
  start "sentinel$1" redis-server "sentinel$1.conf" --sentinel
  wait_until 10 answers "$port"
  redis-cli -p "$port" SENTINEL DEBUG publish-period 200 info-period 500 ask-period 100
  sentinels+=("$port")
}
answers() { [[ $(redis-cli -p "$1" PING 2>/dev/null) == PONG ]]; }
is_replica() { [[ $(redis-cli -p "$1" ROLE | head -n 1) == slave ]]; }
is_linked() { [[ $(redis-cli -p "$1" INFO replication) == *master_link_status:up* ]]; }
sees_all() { # SENTINEL REPLICA
  [[ $(redis-cli -p "$1" SENTINEL CKQUORUM main) == 'OK 3 usable'* ]] &&
    [[ $(redis-cli -p "$1" SENTINEL REPLICAS main) == *"$2"* ]]
}
say() { printf '{"type":"screener_ltp_update","instrument_key":"NSE_EQ:1","ltp":%s}\n' "$1" >&"$feed"; }
price_is() { [[ $(redis-cli -p "$1" GET ltp:NSE_EQ:1) == "$2" ]]; }
served() { [[ $(curl -s "$url/api/v1/current_prices?keys=NSE_EQ:1") == *"\"NSE_EQ:1\":$1"* ]]; }
subscribed() { [[ $(redis-cli -p "$1" PUBSUB NUMSUB live_ltp_updates | tail -n 1) == 1 ]]; }

# handed_over MASTER: asks for it until it is so; a sentinel may think better of it.
handed_over() {
  is_replica "$1" && return
  redis-cli -p "${sentinels[0]}" SENTINEL FAILOVER main >failover
  return 1
}

@test "the master dies, and hands over: filter and server follow, and the last price is there" {
  start serve "$LTP_BIN/ltp-serve" --port 0
  url=$(address_of serve)
  mkfifo in
  start_shell cache 'exec "$LTP_BIN/ltp-cache" --publish <in >passed'
  exec {feed}>in
  wait_until 10 subscribed "$master"
  say 1
  wait_until 10 price_is "$master" 1
  wait_until 5 served 1

  send KILL "redis$master"
  finish "redis$master" || true
  say 2
  wait_until 40 price_is "$replica" 2
  wait_until 20 subscribed "$replica"
  say 3
  wait_until 5 served 3

  # The old master comes back as a replica, and then the master has to go by order. It must
  # not hold our end of the pipe open.
  eval "start_redis '$master' $feed>&-"
  wait_until 90 is_replica "$master"
  wait_until 60 is_linked "$master"
  wait_until 60 sees_all "${sentinels[0]}" "$master"
  wait_until 90 handed_over "$replica"
  say 4
  wait_until 20 price_is "$master" 4
  wait_until 20 subscribed "$master"
  say 5
  wait_until 5 served 5
  exec {feed}>&-
  finish cache
  [ "$status" -eq 0 ]
  [ "$(wc -l <passed)" -eq 5 ]
}
