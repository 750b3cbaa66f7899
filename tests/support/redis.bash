# A private redis-server for one bats test, on a unix socket in the test's directory.

# start_redis [OPTION VALUE...]: starts it and sets REDIS_URL for the programs.
start_redis() {
  redis_socket=$BATS_TEST_TMPDIR/redis.sock
  redis-server --port 0 --unixsocket "$redis_socket" --save '' --appendonly no \
    --daemonize no "$@" >"$BATS_TEST_TMPDIR/redis.log" 2>&1 3>&- &
  redis_pid=$!
  export REDIS_URL=unix://$redis_socket
  wait_until 10 redis_answers
}

redis_answers() { [[ $(redis PING 2>/dev/null) == PONG ]]; }

redis() { redis-cli -s "$redis_socket" "$@"; }

# Ends it as a crash would: nothing is said to the clients.
kill_redis() {
  kill -KILL "$redis_pid"
  wait "$redis_pid" 2>/dev/null || true
  redis_pid=
}

stop_redis() {
  [[ -n ${redis_pid-} ]] || return 0
  kill "$redis_pid" 2>/dev/null || true
  wait "$redis_pid" 2>/dev/null || true
  redis_pid=
}
