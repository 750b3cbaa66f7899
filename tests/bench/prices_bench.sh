#!/usr/bin/env bash
# The prices endpoint beside webdis, with the same MGET to the same Redis, and beside nginx
# with a constant answer. Each server has core 0 alone, wrk and Redis core 1; rounds are
# taken in turns, and medians are printed.
#
#   tests/bench/prices_bench.sh             what is installed
#   tests/bench/prices_bench.sh --install   webdis and nginx-light as well, from Debian
#
# SECONDS_EACH=3 and ROUNDS=5 are how long and how often; LTP_BIN is the folder of the
# programs, build/bin if it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source examples/setup.bash

bin=${LTP_BIN:-$PWD/build/bin}
seconds_each=${SECONDS_EACH:-3}
rounds=${ROUNDS:-5}
[[ ${1-} != --install ]] || install_packages wrk webdis nginx-light redis-server
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
  while sleep 5; do
    for id in $(seq 1 500); do
      printf '{"type":"screener_ltp_update","symbol":"S","instrument_key":"NSE_EQ:%d","ltp":1393.4,"segment":"NSE_EQ","security_id":"%d"}\n' "$id" "$id"
    done
  done
}
ticks | taskset -c 0 "$bin/ltp-serve" --stdin --no-broker --port "$tick_port" >"$dir/ticks" 2>&1 &
pids+=($!)

keys() { seq -s "$2" -f "$1%.0f" 1 "$3"; }
declare -A url=()
for n in 2 500; do
  url[ltp-serve, $n]=http://127.0.0.1:$serve_port/api/v1/current_prices?keys=$(keys NSE_EQ: , "$n")
  url[own ticks, $n]=http://127.0.0.1:$tick_port/api/v1/current_prices?keys=$(keys NSE_EQ: , "$n")
done
names=('own ticks' ltp-serve)

if command -v webdis >/dev/null; then
  port=$(free_port)
  printf '{"redis_host":"127.0.0.1","redis_port":%d,"http_host":"127.0.0.1","http_port":%d,"threads":1,"daemonize":false,"verbosity":0,"logfile":"%s"}' \
    "$redis_port" "$port" "$dir/webdis.log" >"$dir/webdis.json"
  background 0 webdis "$dir/webdis.json"
  wait_for "$port"
  for n in 2 500; do url[webdis, $n]=http://127.0.0.1:$port/MGET/$(keys ltp:NSE_EQ: / "$n"); done
  names+=(webdis)
fi
if command -v nginx >/dev/null; then
  port=$(free_port)
  for n in 2 500; do curl -sS --globoff "${url[ltp-serve, $n]}" >"$dir/answer.$n"; done
  cat >"$dir/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $dir/nginx.pid; error_log $dir/nginx.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path $dir; proxy_temp_path $dir;
  fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
  server { listen 127.0.0.1:$port;
    location /2 { default_type application/json; return 200 '$(<"$dir/answer.2")'; }
    location /500 { default_type application/json; return 200 '$(head -c 4000 "$dir/answer.500")'; } } }
CONF
  background 0 nginx -c "$dir/nginx.conf"
  wait_for "$port"
  for n in 2 500; do url[nginx, $n]=http://127.0.0.1:$port/$n; done
  names+=(nginx)
fi

# asked_in_a_second NAME N
asked_in_a_second() {
  taskset -c 1 wrk -t1 -c32 -d"${seconds_each}s" "${url[$1, $2]}" | awk '/Requests\/sec/ { print $2 }
    /Non-2xx/ { print "answers that are no 2xx" >"/dev/stderr" }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for n in 2 500; do
  for ((round = 0; round < rounds; ++round)); do
    for name in "${names[@]}"; do
      asked_in_a_second "$name" "$n" >>"$dir/result.$name.$n"
    done
  done
  reference=$(median <"$dir/result.ltp-serve.$n")
  for name in "${names[@]}"; do
    median <"$dir/result.$name.$n" | awk -v name="$name" -v n="$n" -v ours="$reference" \
      '{ printf "%3d keys  %-10s %8.0f requests/s   ltp-serve has %5.2f times that\n", n, name, $1, ours / $1 }'
  done
done
