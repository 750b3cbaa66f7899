#!/usr/bin/env bash
# Shows moving prices in a browser within minutes of a git clone: no account, no broker.
#
#   examples/quickstart.sh              ltp-sim, ltp-feed | ltp-serve: one pipe, no Redis
#   examples/quickstart.sh --redis      ltp-feed | ltp-cache | ltp-pub, a private Redis,
#                                       and two ltp-serve on it
#   examples/quickstart.sh --seconds N  end by itself after N seconds
#
# PORT in the environment chooses the page's port, 3000 if it is not set. Ctrl-C ends
# everything that was started here. What the programs say is in the folder that is named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source examples/setup.bash

readonly PRICES=examples/data/nse-minute-bars.ndjson
readonly WATCH_LIST=examples/watchlist.txt

with_redis=no
seconds=
port=${PORT:-3000}
declare -A pid_of=()  # what was started
order=()              # the same, in the order to end it
folder=

main() {
  read_arguments "$@"
  check_port "$port"

  local -a packages=("${BUILD_PACKAGES[@]}" curl)
  [[ $with_redis == no ]] || packages+=(redis-server)
  install_packages "${packages[@]}"
  install_page_parts
  build release "${PROGRAMS[@]}"
  PATH=$PWD/build/bin:$PATH

  folder=$(mktemp -d "${TMPDIR:-/tmp}/ltp-quickstart.XXXXXX")
  trap end_all EXIT
  trap 'exit 0' INT TERM HUP
  start_pipe
  tell
  watch_over
}

read_arguments() {
  while (($#)); do
    case $1 in
      --redis) with_redis=yes ;;
      --seconds)
        [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] || die 64 "--seconds wants a whole number of seconds"
        seconds=$2
        shift
        ;;
      -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
      *) die 64 "unknown argument '$1'; see --help" ;;
    esac
    shift
  done
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Before a build of minutes, not after it.
check_port() {
  if ! [[ $1 =~ ^[0-9]{1,5}$ ]] || ((10#$1 > 65535)); then
    die 78 "PORT is '$1', which is no port number"
  fi
  ! port_taken "$1" || die 74 "port $1 is taken by another program; choose another: PORT=3001 $0"
}

next_free_port() {
  local candidate=$1
  ((candidate == 0)) && echo 0 && return
  while ((++candidate <= 65535)); do
    port_taken "$candidate" || break
  done
  echo "$candidate"
}

# run NAME IN OUT COMMAND…: in the background, from the file IN to the file OUT. What it
# says goes to a third; a session of its own keeps Ctrl-C for us alone, so that we can end
# the pipe from its beginning.
run() {
  local name=$1 in=$2 out=$3
  shift 3
  : >"$folder/$name.log"
  setsid "$@" 2>"$folder/$name.log" <"$in" >"$out" &
  pid_of[$name]=$!
}

running() { kill -0 "${pid_of[$1]}" 2>/dev/null; }

# ready NAME COMMAND…: waits until the command succeeds.
ready() {
  local name=$1 i
  shift
  for ((i = 0; i < 200; ++i)); do
    "$@" && return
    running "$name" || break
    sleep 0.1
  done
  died "$name" "did not start"
}

died() {
  say "$1 $2; it said:"
  tail -n 5 "$folder/$1.log" >&2 || true
  exit 1
}

# address NAME: where it said that it listens.
address() { sed -nE 's/.*listening on ([^ ]+).*/\1/p;T;q' "$folder/$1.log"; }
listens() { [[ $(address "$1") ]]; }

start_pipe() {
  # The simulator takes any credentials; what the environment has stays out of this.
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=quickstart
  unset REDIS_URL
  # The pipes have names so that each program has a process number that we know.
  local ticks=$folder/ticks cached=$folder/cached none=/dev/null
  mkfifo "$ticks" "$cached"

  run ltp-sim $none $none ltp-sim --port 0 --prices "$PRICES" --loop
  ready ltp-sim listens ltp-sim
  run ltp-feed $none "$ticks" ltp-feed --url "$(address ltp-sim)" --mode quote -i "$WATCH_LIST"

  if [[ $with_redis == no ]]; then
    run ltp-serve "$ticks" $none ltp-serve --stdin --port "$port"
    order=(ltp-feed ltp-serve ltp-sim)
  else
    start_redis
    run ltp-cache "$ticks" "$cached" ltp-cache
    run ltp-pub "$cached" $none ltp-pub
    run ltp-serve $none $none ltp-serve --port "$port"
    ready ltp-serve listens ltp-serve
    run ltp-serve-2 $none $none ltp-serve --port "$(next_free_port "$port")"
    ready ltp-serve-2 listens ltp-serve-2
    order=(ltp-feed ltp-cache ltp-pub ltp-serve ltp-serve-2 ltp-sim redis-server)
  fi
  ready ltp-serve listens ltp-serve
}

start_redis() {
  export REDIS_URL=unix://$folder/redis.sock
  run redis-server /dev/null /dev/null redis-server --port 0 \
    --unixsocket "$folder/redis.sock" --save '' --dir "$folder" --logfile "$folder/redis-server.log"
  ready redis-server redis_answers
}
redis_answers() { redis-cli -s "$folder/redis.sock" ping >/dev/null 2>&1; }

tell() {
  local page key
  page=$(address ltp-serve)
  page=${page/127.0.0.1/localhost}
  key=$(grep -m 1 -oE '^[A-Z_]+:[0-9]+' "$WATCH_LIST")
  printf '\n  The page:   %s   Ctrl-C here ends it\n\n' "$page"
  if [[ $with_redis == no ]]; then
    printf '  What runs:  ltp-sim;  ltp-feed | ltp-serve --stdin\n'
  else
    printf '  What runs:  ltp-sim;  ltp-feed | ltp-cache | ltp-pub;  redis-server;  ltp-serve, twice\n'
    printf '  The other:  %s\n' "$(address ltp-serve-2)"
  fi
  printf '  Messages:   %s/*.log\n\n  Try, in another terminal:\n\n' "$folder"
  printf "    curl '%sapi/v1/current_prices?keys=%s'\n" "$page" "$key"
  [[ $with_redis == no ]] || printf '    REDIS_URL=%s build/bin/ltp-get %s\n' "$REDIS_URL" "$key"
  printf '\n'
}

# Returns when the time is up; if a program ends before, that is an error.
watch_over() {
  local name begin=$SECONDS
  until [[ $seconds ]] && ((SECONDS - begin >= seconds)); do
    for name in "${order[@]}"; do
      running "$name" || died "$name" "has ended"
    done
    sleep 0.2
  done
}

# Writers before readers, so that every tick on its way still arrives.
end_all() {
  local name i
  trap '' INT TERM HUP
  for name in "${order[@]-}" "${!pid_of[@]}"; do
    if ! [[ $name ]] || ! running "$name"; then continue; fi
    kill -s TERM "${pid_of[$name]}" 2>/dev/null || true
    for ((i = 0; i < 60; ++i)); do
      running "$name" || break
      sleep 0.05
    done
    kill -s KILL "${pid_of[$name]}" 2>/dev/null || true
  done
  rm -rf "$folder"
}

main "$@"
