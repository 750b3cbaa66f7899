#!/usr/bin/env bash
# The architecture of the README against your own broker account and Redis:
#
#   export DHANHQ_CLIENT_ID=… DHANHQ_ACCESS_TOKEN=… DHANHQ_WS_ENABLED=true
#   export REDIS_URL=redis://localhost:6379/0
#   examples/redis-pipeline.sh [WATCHLIST]
#
# One machine may run the first line and many the second: they meet only in Redis.
# For a service that starts with the machine, give each line to your supervisor.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$here/../build/bin:$PATH
: "${REDIS_URL:?is not set; export it, such as redis://localhost:6379/0}"

# Ending ltp-feed and ltp-serve is enough: the rest of the pipe ends with its input.
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 0' INT TERM

ltp-feed -i "${1:-$here/watchlist.txt}" | ltp-cache | ltp-pub >/dev/null &
ltp-serve --port "${PORT:-3000}" &

wait -n  # neither ends by itself; why it did stands on standard error
exit 1
