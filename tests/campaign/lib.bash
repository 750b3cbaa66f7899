# What the campaigns share: a folder of their own, all gone at the end; waiting; figures.

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"
dir=$(mktemp -d /tmp/ltp-campaign-XXXXXX)
pids=()
cleanup() {
  ((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  tail -n 5 "$dir"/*.err >&2 || true
  exit 1
}

# now_ms: milliseconds since 1970.
now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# until_ok SECONDS COMMAND…: tries each 5 ms, sets $took_ms.
until_ok() {
  local from end=$1
  shift
  from=$(now_ms)
  until "$@" >/dev/null 2>&1; do
    (($(now_ms) - from < end * 1000)) || fail "not within $end s: $*"
    sleep 0.005
  done
  took_ms=$(($(now_ms) - from))
}

# feed_ticks NAME RATE: ticks into $dir/NAME.fifo, which ltp-cache reads.
feed_ticks() {
  mkfifo "$dir/$1.fifo"
  node "$(dirname "${BASH_SOURCE[0]}")/ticks.mjs" "$2" >"$dir/$1.fifo" &
  pids+=($!)
  ticks_pid=$!
}

# end_and_compare CLI…: ends the ticks, waits for ltp-cache, whose output is $dir/out, and
# holds the last line of each instrument against what CLI GET finds in Redis.
end_and_compare() {
  kill "$ticks_pid"
  local status=0
  wait "$cache_pid" || status=$?
  ((status == 0)) || fail "ltp-cache ended with status $status"
  local id price wrong=0
  while read -r id price; do
    [[ $("$@" GET "ltp:NSE_EQ:$id") == "$price" ]] || wrong=$((wrong + 1))
  done < <(sed -E 's/.*"NSE_EQ:([0-9]+)","ltp":([0-9]+).*/\1 \2/' "$dir/out" | tail -n 100)
  ((wrong == 0)) || fail "the last price of $wrong instruments is not in Redis"
  echo "lines passed: $(wc -l <"$dir/out"); the last price of each instrument is in Redis"
}

# report LABEL NUMBER…: median, 99th percentile and longest.
report() {
  local label=$1
  shift
  printf '%s\n' "$@" | sort -n | awk -v label="$label" '
    { v[NR] = $1 }
    END {
      p99 = int(NR * 0.99); if (p99 < 1) p99 = 1
      printf "%s: median %d ms, 99%% %d ms, longest %d ms, of %d\n",
             label, v[int((NR + 1) / 2)], v[p99], v[NR], NR
    }'
}
