#!/usr/bin/env bash
# The prices endpoint beside webdis, with the same MGET to the same Redis, beside nginx with
# a constant answer, and beside the Rails application of tests/bench/rails. Servers run on
# core 0, wrk and Redis on core 1; rounds are taken in turns, and medians are printed: requests
# in a second, and the server's processor time for each, which other work on the machine hardly
# changes. 500 keys come by POST, as the page sends more than 50, and by GET. ltp-serve answers
# those who ask for the same in one turn with one MGET; therefore also 2 keys that differ from
# request to request.
#
#   tests/bench/prices_bench.sh             what is installed
#   tests/bench/prices_bench.sh --install   webdis, nginx-light and Rails as well, from Debian
#
# SECONDS_EACH=3 and ROUNDS=5 are how long and how often; LTP_BIN is the folder of the
# programs, build/bin if it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source examples/setup.bash

bin=${LTP_BIN:-$PWD/build/bin}
seconds_each=${SECONDS_EACH:-3}
rounds=${ROUNDS:-5}
if [[ ${1-} == --install ]]; then
  install_packages wrk webdis nginx-light redis-server
  tests/bench/rails/start.sh --install
fi
command -v wrk >/dev/null || die 69 "wrk is not installed; see --install above"

dir=$(mktemp -d)
pids=()
finish() {
  kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$dir"
}
trap finish EXIT

# background CORE COMMAND…
background() {
  taskset -c "$1" "${@:2}" >"$dir/log.${#pids[@]}" 2>&1 &
  pids+=($!)
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
wait_for() { for _ in {1..100}; do listens "$1" && return; sleep 0.05; done; die 69 "nothing listens on port $1"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

redis_port=$(free_port) serve_port=$(free_port) tick_port=$(free_port)
background 1 redis-server --port "$redis_port" --save '' --appendonly no
wait_for "$redis_port"
seq 1 500 | sed 's/.*/SET ltp:NSE_EQ:& 1393.4/' | redis-cli -p "$redis_port" >/dev/null
REDIS_URL=redis://127.0.0.1:$redis_port background 0 "$bin/ltp-serve" --no-broker --port "$serve_port"
wait_for "$serve_port"

# The same prices from the server's own ticks: a pipe that stays open, renewed while it is asked.
ticks() {
  while true; do
    for id in $(seq 1 500); do
      printf '{"type":"screener_ltp_update","symbol":"S","instrument_key":"NSE_EQ:%d","ltp":1393.4,"segment":"NSE_EQ","security_id":"%d"}\n' "$id" "$id"
    done
    sleep 5
  done
}
ticks | taskset -c 0 "$bin/ltp-serve" --stdin --no-broker --port "$tick_port" >"$dir/ticks" 2>&1 &
pids+=($!)

keys() { seq -s "$2" -f "$1%.0f" 1 "$3"; }
# post FILE CONTENT-TYPE BODY: a script for wrk.
post() { printf 'wrk.method="POST"\nwrk.headers["Content-Type"]="%s"\nwrk.body=[[%s]]\n' "$2" "$3" >"$1"; }
# pairs FILE PREFIX MIDDLE: 250 pairs of keys in turn, behind the path that is asked for.
pairs() {
  cat >"$1" <<LUA
local requests, next = {}, 0
function init()
  for id = 1, 499, 2 do
    requests[#requests + 1] = wrk.format("GET", wrk.path .. "$2" .. id .. "$3" .. id + 1)
  end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
LUA
}
names=() tests=('2 keys' '2 others each' '500 keys, POST' '500 keys, GET')
declare -A url=() script=() pid_of=()
# contender NAME PID URL-2 URL-500 URL-POST URL-OTHERS SCRIPTS
contender() {
  names+=("$1") pid_of[$1]=$2
  url[$1, 2 keys]=$3 url[$1, 500 keys, GET]=$4 url[$1, 500 keys, POST]=$5 url[$1, 2 others each]=$6
  script[$1, 500 keys, POST]=$7.post script[$1, 2 others each]=$7.pairs
}

pairs "$dir/ours.pairs" '?keys=NSE_EQ:' ,NSE_EQ:
post "$dir/ours.post" application/json "{\"keys\":[\"$(keys NSE_EQ: '","' 500)\"]}"
ours() {
  local base=http://127.0.0.1:$3/api/v1/current_prices
  contender "$1" "$2" "$base?keys=$(keys NSE_EQ: , 2)" "$base?keys=$(keys NSE_EQ: , 500)" "$base" "$base" "$dir/ours"
}
ours ltp-serve "${pids[1]}" "$serve_port"
ours 'own ticks' "${pids[2]}" "$tick_port"

if command -v webdis >/dev/null; then
  port=$(free_port)
  printf '{"redis_host":"127.0.0.1","redis_port":%d,"http_host":"127.0.0.1","http_port":%d,"threads":1,"daemonize":false,"verbosity":0,"logfile":"%s"}' \
    "$redis_port" "$port" "$dir/webdis.log" >"$dir/webdis.json"
  background 0 webdis "$dir/webdis.json"
  wait_for "$port"
  pairs "$dir/webdis.pairs" MGET/ltp:NSE_EQ: /ltp:NSE_EQ:
  post "$dir/webdis.post" text/plain "MGET/$(keys ltp:NSE_EQ: / 500)"
  base=http://127.0.0.1:$port
  contender webdis "${pids[-1]}" "$base/MGET/$(keys ltp:NSE_EQ: / 2)" "$base/MGET/$(keys ltp:NSE_EQ: / 500)" "$base/" "$base" "$dir/webdis"
fi
if command -v nginx >/dev/null; then
  port=$(free_port)
  curl -sS "${url[ltp-serve, 2 keys]}" >"$dir/answer.2"
  cat >"$dir/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $dir/nginx.pid; error_log $dir/nginx.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path $dir; proxy_temp_path $dir;
  fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
  server { listen 127.0.0.1:$port;
    location /2 { default_type application/json; return 200 '$(<"$dir/answer.2")'; } } }
CONF
  background 0 nginx -c "$dir/nginx.conf"
  wait_for "$port"
  sleep 0.2
  contender nginx "$(pgrep -P "${pids[-1]}")" "http://127.0.0.1:$port/2" '' '' '' ''
fi

if command -v puma >/dev/null; then
  port=$(free_port)
  log=$dir/log.${#pids[@]}
  REDIS_URL=redis://127.0.0.1:$redis_port background 0 tests/bench/rails/start.sh "$port"
  for _ in {1..300}; do grep -q '^ready' "$log" && break; sleep 0.1; done
  puma=$(sed -n 's/^ready //p' "$log")
  [[ $puma ]] || die 69 "Rails did not start: $(<"$log")"
  base=http://127.0.0.1:$port/api/v1/current_prices
  contender Rails "$puma" "$base?keys=$(keys NSE_EQ: , 2)" "$base?keys=$(keys NSE_EQ: , 500)" "$base" "$base" "$dir/ours"
fi

ticks_of() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
# ask NAME TEST: requests in a second, microseconds of the server's time for each.
ask() {
  local name=$1 test=$2 before
  local -a more=()
  [[ -z ${script[$name, $test]-} ]] || more=(-s "${script[$name, $test]}")
  before=$(ticks_of "${pid_of[$name]}")
  taskset -c 1 wrk -t1 -c32 -d"${seconds_each}s" "${more[@]}" "${url[$name, $test]}" >"$dir/wrk"
  if grep Non-2xx "$dir/wrk" >&2; then die 70 "$name answered with errors"; fi
  awk -v ticks="$(($(ticks_of "${pid_of[$name]}") - before))" -v hz="$(getconf CLK_TCK)" \
    '/requests in/ { n = $1 } /Requests\/sec/ { s = $2 } END { print s, ticks / hz * 1e6 / n }' "$dir/wrk"
}
# median COLUMN FILE
median() { awk -v c="$1" '{ print $c }' "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for test in "${tests[@]}"; do
  for ((round = 0; round < rounds; ++round)); do
    for name in "${names[@]}"; do
      [[ -z ${url[$name, $test]} ]] || ask "$name" "$test" >>"$dir/$test.$name"
    done
  done
  for name in "${names[@]}"; do
    [[ -s $dir/$test.$name ]] || continue
    printf '%-15s %-10s %8.0f requests/s %7.1f us each\n' "$test" "$name" \
      "$(median 1 "$dir/$test.$name")" "$(median 2 "$dir/$test.$name")"
  done
done
