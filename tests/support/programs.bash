# Programs in the background: started by name, waited for with a deadline, and all
# ended in teardown. What they write lies in $BATS_TEST_TMPDIR/NAME.{out,err}.

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"

declare -gA pid_of=()

# A server that says nothing must fail one test, not hold up all of them.
curl() { command curl --max-time 60 "$@"; }

# start NAME COMMAND…: in a session of its own, so that stop reaches what it starts.
# SIGINT has its default meaning again; a shell makes background programs ignore it.
start() {
  local name=$1
  shift
  # Now, not when the background comes to it: an earlier one's words are not this one's.
  : >"$BATS_TEST_TMPDIR/$name.out"
  : >"$BATS_TEST_TMPDIR/$name.err"
  setsid env --default-signal=INT,QUIT "$@" \
    </dev/null >"$BATS_TEST_TMPDIR/$name.out" 2>"$BATS_TEST_TMPDIR/$name.err" 3>&- &
  pid_of[$name]=$!
}

# start_shell NAME SCRIPT [ARGUMENT…]: a pipe, or anything else that needs a shell.
start_shell() {
  local name=$1 script=$2
  shift 2
  start "$name" bash -c "set -o pipefail; $script" "$name" "$@"
}

# send SIGNAL NAME: to the program alone.
send() { kill -s "$1" "${pid_of[$2]}"; }

pid() { echo "${pid_of[$1]}"; }
running() { kill -0 "${pid_of[$1]}" 2>/dev/null; }
ended() { ! running "$1"; }

# finish NAME [SECONDS]: waits for its end; its status is in $status then.
finish() {
  wait_until "${2:-10}" ended "$1" || return
  status=0
  wait "${pid_of[$1]}" || status=$?
  unset "pid_of[$1]"
}

# stop NAME: asks it to end, waits; its status is in $status then.
stop() {
  send TERM "$1"
  finish "$1"
}

# stop_all: for teardown. Everything that start started, children and all. Of a test that
# failed it shows what each said last.
stop_all() {
  local name pid
  [[ ${BATS_TEST_COMPLETED-} ]] || tail -q -n 3 "$BATS_TEST_TMPDIR"/*.err 2>/dev/null || true
  for name in "${!pid_of[@]}"; do kill -s TERM -- "-${pid_of[$name]}" 2>/dev/null || true; done
  for name in "${!pid_of[@]}"; do
    pid=${pid_of[$name]}
    poll 5 gone "$pid" || kill -s KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  pid_of=()
}
gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# poll SECONDS COMMAND…: until it succeeds; 1 if it does not in time.
poll() {
  local deadline=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# wait_until SECONDS COMMAND…: as poll, and tells what the programs said if it fails.
wait_until() {
  poll "$@" && return
  local file
  echo "waited $1 s in vain for: ${*:2}"
  for file in "$BATS_TEST_TMPDIR"/*.err; do
    [[ -s $file ]] && printf -- '--- %s\n' "${file##*/}" && tail -n 20 "$file"
  done
  return 1
}

# said NAME PATTERN: whether its stderr has a line that matches.
said() { grep -qE -- "$2" "$BATS_TEST_TMPDIR/$1.err"; }

# address_of NAME: waits until it listens, then prints where: "http://127.0.0.1:40123".
address_of() {
  wait_until 15 said "$1" 'listening on' || return
  sed -nE 's/.*listening on ([a-z]+:\/\/[^ \/]+).*/\1/p' "$BATS_TEST_TMPDIR/$1.err" | head -n 1
}
