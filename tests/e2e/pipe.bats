# The whole pipe with the real programs: prices that are known go in at the broker's
# side, and every reader at the other end must hear exactly these, in order, to the letter.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  node=$BATS_TEST_DIRNAME/../node
  export DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=e2e-token
  cd "$BATS_TEST_TMPDIR" || return
  write_prices
}

teardown() {
  stop_all
  stop_redis
}

keys=(NSE_EQ:2885 NSE_CURRENCY:10093 IDX_I:13)

# What the exchange wrote, 60 prices of each instrument: no sign of binary32 in it.
write_prices() {
  awk 'function line(key, price) { printf "{\"instrument_key\":\"%s\",\"ltp\":%s}\n", key, price }
    BEGIN {
      split("2847.35 0.05 100000 99999.95 1 0.1 131071.95 3021 1393.4", edge, " ")
      for (i = 1; i <= 60; ++i) {
        line("NSE_EQ:2885", i in edge ? edge[i] : sprintf("%.6g", 2847.35 + i * 0.05))
        line("NSE_CURRENCY:10093", sprintf("%.6g", 83.2475 + i * 0.0025 - 0.0025))
        line("IDX_I:13", sprintf("%.7g", 24857.3 - i * 0.15))
      }
    }' >prices.ndjson
}

# prices_in FILE KEY: the texts of the prices, whatever the line around them is.
prices_in() {
  grep -F "\"instrument_key\":\"$2\"" "$1" | sed -nE 's/.*"ltp":([^,}]*).*/\1/p'
}

# lines_in FILE KEY: the tick lines themselves, out of ActionCable's frame if they are in one.
lines_in() {
  grep -F "\"instrument_key\":\"$2\"" "$1" |
    sed -E 's/^\{"identifier":"\{\\"channel\\":\\"DashboardChannel\\"\}","message":(.*)\}$/\1/'
}

# A run's lines without what must differ: when it was, and when the feed said that it lives.
without_times() {
  grep -F screener_ltp_update "$1" |
    sed -E 's/"timestamp":"[^"]*"/"timestamp":_/; s/"ltt":"[^"]*"/"ltt":_/; s/"recv_us":[0-9]+/"recv_us":_/'
}

heard_all() {
  local key
  for key in "${@:2}"; do
    [[ $(prices_in "$1" "$key" | wc -l) -ge 60 ]] || return 1
  done
}

start_broker() {
  start sim "$LTP_BIN/ltp-sim" --port 0 --prices prices.ndjson --rate 50
  broker=$(address_of sim)
}

start_serve() {
  start "$1" "$LTP_BIN/ltp-serve" --port 0 "${@:2}"
  address_of "$1" >"$1.url"
}

# record NAME DIALECT SERVER PATH
record() {
  start "$1" node "$node/record.mjs" "$2" "ws${3#http}$4"
  address_of "$1" >/dev/null
}

# Each client hears the feed's own lines, byte for byte; and so the broker's prices.
expect_all() {
  local client=$1 key
  shift
  wait_until 30 heard_all "$client.out" "$@"
  for key in "$@"; do
    echo "$client, $key"
    diff <(prices_in prices.ndjson "$key") <(prices_in "$client.out" "$key")
    diff <(lines_in feed.lines "$key") <(lines_in "$client.out" "$key")
  done
}

# expect_current SERVER: what it answers about prices right now.
expect_current() {
  local asked answer key
  asked=$(IFS=,; echo "${keys[*]}")
  answer=$(curl -sS "$1/api/v1/current_prices?keys=$asked")
  echo "$answer"
  for key in "${keys[@]}"; do
    [[ $answer == *"\"$key\":$(prices_in prices.ndjson "$key" | tail -n 1)"[,\}]* ]]
  done
  [[ $answer == *'"count":3,"cached_count":3,"api_fetched_count":0}' ]]
}

@test "every price goes from the broker through Redis to every client, to the letter" {
  start_redis
  start_broker
  local url_a url_b key
  start_serve serve_a --redis "$REDIS_URL"
  start_serve serve_b --redis "$REDIS_URL"
  url_a=$(cat serve_a.url) url_b=$(cat serve_b.url)

  record a_ws ws "$url_a" '/ws?keys=*'
  record a_cable cable "$url_a" /cable
  record b_rails actioncable "$url_b" /cable
  record b_share ws "$url_b" '/ws?keys=NSE_EQ:2885'
  record b_segments ws "$url_b" '/ws?keys=NSE_CURRENCY:*,IDX_I:13'

  start_shell feed '"$LTP_BIN/ltp-feed" --url "$1" --mode quote "${@:2}" |
    tee feed.lines | "$LTP_BIN/ltp-cache" | "$LTP_BIN/ltp-pub"' "$broker" "${keys[@]}"

  expect_all a_ws "${keys[@]}"
  expect_all a_cable "${keys[@]}"
  expect_all b_rails "${keys[@]}"
  expect_all b_share NSE_EQ:2885
  expect_all b_segments NSE_CURRENCY:10093 IDX_I:13
  [ -z "$(prices_in b_share.out IDX_I:13)" ]
  [ -z "$(prices_in b_segments.out NSE_EQ:2885)" ]
  diff feed.lines feed.out

  for key in "${keys[@]}"; do
    local last ttl
    last=$(prices_in prices.ndjson "$key" | tail -n 1)
    [ "$(redis GET "ltp:$key")" = "$last" ]
    ttl=$(redis TTL "ltp:$key")
    ((ttl >= 1 && ttl <= 30))
    [[ $("$LTP_BIN/ltp-get" "$key") == *"\"instrument_key\":\"$key\",\"ltp\":$last"[,\}]* ]]
  done
  expect_current "$url_a"
  expect_current "$url_b"
  without_times a_ws.out >"$BATS_FILE_TMPDIR/through_redis"
}

@test "without Redis the same bytes come out, apart from the times" {
  start_broker
  mkfifo pipe
  start_shell serve 'exec "$LTP_BIN/ltp-serve" --stdin --port 0 <pipe'
  exec {hold}>pipe
  local url
  url=$(address_of serve)
  record ws ws "$url" '/ws?keys=*'
  record rails actioncable "$url" /cable
  start_shell feed '"$LTP_BIN/ltp-feed" --url "$1" --mode quote "${@:2}" | tee feed.lines >pipe' \
    "$broker" "${keys[@]}"
  exec {hold}>&-

  expect_all ws "${keys[@]}"
  expect_all rails "${keys[@]}"
  expect_current "$url"
  if [ -e "$BATS_FILE_TMPDIR/through_redis" ]; then
    diff "$BATS_FILE_TMPDIR/through_redis" <(without_times ws.out)
  fi
}
