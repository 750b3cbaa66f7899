#!/usr/bin/env bash
# Starts the Rails application of config.ru on a port of this machine, prints "ready" when it
# answers, and ends when it is told to (TERM, INT). REDIS_URL says where Redis is.
#
#   tests/bench/rails/start.sh --install     what it takes, from Debian; starts nothing
#   tests/bench/rails/start.sh PORT
#
# RAILS_THREADS=5 and RAILS_WORKERS=0 are puma's threads and processes: as Rails has them by
# default, and one process, to be compared with one ltp-serve.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
source examples/setup.bash

packages=(ruby ruby-railties ruby-actioncable puma ruby-redis)
port=${1-}
if [[ $port == --install ]]; then
  install_packages "${packages[@]}"
  exit
fi
[[ $port =~ ^[0-9]+$ ]] || die 64 "usage: start.sh --install | PORT"
[[ -z $(missing_packages "${packages[@]}") ]] || die 69 "Rails is not installed; see start.sh --install"

# Everything that Rails and puma may want to write goes here.
dir=$(mktemp -d)
puma=
# shellcheck disable=SC2317 # the trap calls it
finish() {
  if [[ -n $puma ]]; then
    kill "$puma" 2>/dev/null || true
    wait "$puma" || true
  fi
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 0' TERM INT

cp tests/bench/rails/config.ru "$dir"
cd "$dir"
threads=${RAILS_THREADS:-5}
RAILS_ENV=production RACK_ENV=production puma --quiet --environment production --no-config \
  --threads "$threads:$threads" --workers "${RAILS_WORKERS:-0}" --bind "tcp://127.0.0.1:$port" config.ru >&2 &
puma=$!
for _ in {1..300}; do
  kill -0 "$puma" 2>/dev/null || die 70 "puma did not start"
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    printf 'ready %d\n' "$puma"
    wait "$puma" || true
    exit
  fi
  sleep 0.1
done
die 70 "puma does not listen on port $port after 30 s"
