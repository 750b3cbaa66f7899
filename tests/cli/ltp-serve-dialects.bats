# What each dialect of ltp-serve says, with real sockets.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/talk
load ../support/redis

setup() {
  PATH=$LTP_BIN:$PATH
  unset PORT REDIS_URL
  cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
  stop_all
  if [ -n "${REDIS_URL-}" ]; then stop_redis; fi
}

# line KEY PRICE
line() {
  printf '{"type":"screener_ltp_update","symbol":"X","instrument_key":"%s","ltp":%s}' "$1" "$2"
}
# feed LINE…: what comes from the feed.
feed() { printf '%s\n' "$@" >&"$to_serve"; }

# serve: an ltp-serve --stdin; $url is its address.
serve() {
  mkfifo to_serve
  start_shell serve 'exec ltp-serve --stdin --port 0 <to_serve'
  exec {to_serve}>to_serve
  url=$(address_of serve)
}

price_known() { [[ $(curl -sS "$url/api/v1/current_prices?keys=$1") != *:null* ]]; }

@test "/ws without keys waits, and hears what it subscribes to until it unsubscribes" {
  serve
  feed "$(line NSE_EQ:1 1.5)" "$(line IDX_I:13 2)"
  wait_until 5 price_known IDX_I:13
  talk client /ws
  feed "$(line NSE_EQ:1 1.6)"
  tell client '{"subscribe":["IDX_I:*"]}'
  wait_until 5 heard client IDX_I:13
  [ "$(times client NSE_EQ:1)" = 0 ]
  tell client '{"subscribe":["NSE_EQ:1"],"unsubscribe":["IDX_I:*"]}'
  wait_until 5 heard client '"ltp":1.6'
  feed "$(line IDX_I:13 3)" "$(line NSE_EQ:1 1.7)"
  wait_until 5 heard client '"ltp":1.7'
  [ "$(times client IDX_I:13)" = 1 ]
  [ "$(times client '"ltp":1.5')" = 0 ]
}

@test "/ws says what was wrong with a message, and goes on" {
  serve
  talk client '/ws?keys=NSE_EQ:1'
  tell client '{"subscribe":["FOO:1"]}'
  wait_until 5 heard client \
    '{"type":"error","message":"'"'FOO:1' is not SEGMENT:ID, SEGMENT:* or *"'"}'
  tell client 'hello'
  wait_until 5 heard client '{"type":"error","message":"that is not JSON"}'
  feed "$(line NSE_EQ:1 1.5)"
  wait_until 5 heard client '"ltp":1.5'
}

@test "/ws with max_hz gets the newest, and is told how many it missed" {
  serve
  talk client '/ws?keys=*&max_hz=2'
  feed "$(line NSE_EQ:1 1)"
  wait_until 5 heard client '"ltp":1}'
  local i
  for i in 2 3 4 5 6; do feed "$(line NSE_EQ:1 $i)"; done
  wait_until 5 heard client '"ltp":6}'
  wait_until 5 heard client '"type":"conflated"'
  # What it got and what it was told it did not get are the six that there were.
  run awk -F: '/screener_ltp_update/ { ++n } /conflated/ { n += $NF } END { print n }' client.out
  [ "$output" = 6 ]
}

@test "/ws with batch=1 puts lines that go out together in one message" {
  serve
  feed "$(line NSE_EQ:1 1)" "$(line NSE_EQ:2 2)" "$(line IDX_I:13 3)"
  talk first '/ws?keys=*'
  wait_until 5 heard first IDX_I:13
  talk client '/ws?keys=NSE_EQ:*,IDX_I:13&batch=1'
  wait_until 5 heard client IDX_I:13
  # The snapshot of the segment in the order of time, a newline between.
  heard client "$(line NSE_EQ:1 1)\\n$(line NSE_EQ:2 2)"
  feed "$(line NSE_EQ:1 4)"
  wait_until 5 heard client '"ltp":4'
}

@test "a client with too many commands is sent away" {
  serve
  talk client /ws
  yes '{"subscribe":["NSE_EQ:1"]}' 2>/dev/null | head -n 150 >client.in || true
  wait_until 5 heard client 'closed 1008 more than 50 commands a second'
}

@test "/cable with batch puts many ticks in one message, and passes others on alone" {
  serve
  feed "$(line NSE_EQ:1 1)" "$(line NSE_EQ:2 2)"
  wait_until 5 price_known NSE_EQ:2
  talk client /cable actioncable-v1-json
  tell client '{"command":"subscribe","identifier":"{\"channel\":\"dashboard_updates\",\"batch\":true}"}'
  wait_until 5 heard client '{"identifier":"{\"channel\":\"dashboard_updates\",\"batch\":true}","message":{"type":"screener_ltp_batch_update","updates":['"$(line NSE_EQ:1 1),$(line NSE_EQ:2 2)"'],"timestamp":"'
  feed '{"type":"stats_update","open":3}'
  wait_until 5 heard client '"message":{"type":"stats_update","open":3}}'
}

@test "a client of AnyCable's protocol that comes back gets the latest of what moved since" {
  serve
  feed "$(line NSE_EQ:1 1)" "$(line NSE_EQ:2 2)"
  wait_until 5 price_known NSE_EQ:2
  talk first /cable actioncable-v1-ext-json
  wait_until 5 heard first '{"type":"welcome","sid":"'
  local sid place='"epoch":"[0-9a-f]*","offset":2' stream
  sid=$(sed -nE 's/.*"sid":"([0-9a-f]+)".*/\1/p' first.out)
  tell first '{"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}","history":{"since":1}}'
  wait_until 5 heard first '"type":"confirm_history"'
  # Confirmed, then the snapshot, then the history is confirmed.
  run grep -oE 'confirm_subscription|"offset":[0-9]+|confirm_history' first.out
  [ "$output" = $'confirm_subscription\n"offset":1\n"offset":2\nconfirm_history' ]
  stream=$(grep -oE '"stream_id":"[^"]*"' first.out | head -n 1 | cut -d'"' -f4)
  place=$(grep -oE "$place" first.out)
  stop first

  feed "$(line NSE_EQ:1 1.1)" "$(line NSE_EQ:1 1.2)"
  wait_until 5 price_is NSE_EQ:1 1.2
  talk second "/cable?sid=$sid" actioncable-v1-ext-json
  wait_until 5 heard second '"restored":true,"restored_ids":["{\"channel\":\"DashboardChannel\"}"]'
  tell second '{"command":"history","identifier":"{\"channel\":\"DashboardChannel\"}","history":{"since":1,"streams":{"'"$stream"'":{'"$place"'}}}}'
  wait_until 5 heard second '"type":"confirm_history"'
  run grep -oE '"ltp":[0-9.]+|confirm_history' second.out
  [ "$output" = $'"ltp":1.2\nconfirm_history' ]
}
price_is() { [[ $(curl -sS "$url/api/v1/current_prices?keys=$1") == *"\"$1\":$2}"* ]]; }

@test "a client of AnyCable's that is back before its old connection has gone has its session" {
  serve
  feed "$(line NSE_EQ:1 1)"
  talk first /cable actioncable-v1-ext-json
  tell first '{"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"}'
  wait_until 5 heard first '"ltp":1}'
  local sid
  sid=$(sed -nE 's/.*"sid":"([0-9a-f]+)".*/\1/p' first.out)
  send STOP first
  talk second "/cable?sid=$sid" actioncable-v1-ext-json
  wait_until 5 heard second '"restored":true,"restored_ids":["{\"channel\":\"DashboardChannel\"}"]'
  wait_until 8 heard second '"ltp":1}'
  send CONT first
  wait_until 5 heard first 'closed 4409 the session goes on elsewhere'
}

@test "a restored client that says nothing of its place gets the latest of everything" {
  serve
  feed "$(line NSE_EQ:1 1)" "$(line NSE_EQ:2 2)"
  talk first /cable actioncable-v1-ext-json
  tell first '{"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"}'
  wait_until 5 heard first '"ltp":2}'
  local sid
  sid=$(sed -nE 's/.*"sid":"([0-9a-f]+)".*/\1/p' first.out)
  stop first
  talk second "/cable?sid=$sid" actioncable-v1-ext-json
  wait_until 8 heard second '"ltp":2}'
  [ "$(times second '"ltp":1}')" = 1 ]
  # An id is good for one return.
  talk third "/cable?sid=$sid" actioncable-v1-ext-json
  wait_until 5 heard third '{"type":"welcome","sid":"'
  [ "$(times third restored)" = 0 ]
}

# stream NAME QUERY [CURL OPTION…]
stream() {
  start "$1" curl -sSN "$url/api/v1/stream$2" "${@:3}"
}

@test "/api/v1/stream is one JSON object a line: the latest at once, then what comes" {
  serve
  feed "$(line NSE_EQ:1 1)" "$(line NSE_EQ:1 2)" "$(line IDX_I:13 7)"
  wait_until 5 price_known IDX_I:13
  stream client '?keys=NSE_EQ:*' -D headers
  wait_until 5 heard client '"ltp":2}'
  grep -i '^content-type: application/x-ndjson' headers
  feed $'{"type":"note",\r "text":"a b"}' "$(line IDX_I:13 8)" "$(line NSE_EQ:1 3)"
  wait_until 5 heard client '"ltp":3}'
  [ "$(cat client.out)" = "$(line NSE_EQ:1 2)"$'\n{"type":"note",  "text":"a b"}\n'"$(line NSE_EQ:1 3)" ]
}

@test "/api/v1/stream is server-sent events for who accepts them" {
  serve
  feed "$(line NSE_EQ:1 1)"
  wait_until 5 price_known NSE_EQ:1
  stream client '?keys=NSE_EQ:1&max_hz=5' -D headers -H 'Accept: text/event-stream' -H 'Last-Event-ID: 7'
  wait_until 5 heard client '"ltp":1}'
  grep -i '^content-type: text/event-stream' headers
  [ "$(cat client.out)" = $'retry: 1000\n\ndata: '"$(line NSE_EQ:1 1)" ]
  feed "$(line NSE_EQ:1 2)" "$(line NSE_EQ:1 3)"
  wait_until 5 heard client '"ltp":3}'
}

@test "/api/v1/stream says what is wrong with a request, and ends when the server does" {
  serve
  local status
  for query in '' '?keys=' '?keys=FOO:1' '?keys=*&max_hz=x'; do
    run curl -sS -w '%{http_code}' "$url/api/v1/stream$query"
    [[ $output == '{"error":"'*'"}400' ]]
  done
  [ "$(curl -sS -o /dev/null -w '%{http_code}' -X DELETE "$url/api/v1/stream?keys=*")" = 405 ]
  run curl -sSI "$url/api/v1/stream?keys=*"
  [[ $output == 'HTTP/1.1 200'* ]]
  stream client '?keys=*'
  feed "$(line NSE_EQ:1 1)"
  wait_until 5 heard client '"ltp":1}'
  stop serve
  [ "$status" -eq 0 ]
  finish client
  [ "$status" -eq 0 ]
}

@test "a stream shows life when no price moves" {
  serve
  stream lines '?keys=*'
  stream events '?keys=*' -H 'Accept: text/event-stream'
  wait_until 20 heard lines '{"type":"heartbeat","timestamp":"'
  wait_until 5 grep -qx ':' events.out
}

# ---- what clients are told about the truth

# serve_redis: as serve, from a Redis of this test.
serve_redis() {
  start serve ltp-serve --port 0
  url=$(address_of serve)
}
publish() { redis PUBLISH live_ltp_updates "$1" >/dev/null; }
connected='{"type":"feed_status","state":"connected","reason":null,"source":"websocket"}'
ready() { [ "$(curl -sS -o /dev/null -w '%{http_code}' "$url/readyz")" = "$1" ]; }
alive() { [ "$(curl -sS -o /dev/null -w '%{http_code}' "$url/livez")" = 200 ]; }

@test "every client learns that Redis is gone, and what it missed when it is back" {
  start_redis
  redis SETEX ltp:NSE_EQ:1 30 1.5
  serve_redis
  wait_until 10 price_known NSE_EQ:1
  talk plain '/ws?keys=*'
  talk cable /cable actioncable-v1-json
  tell cable '{"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"}'
  # What the cache holds is said to be from there.
  wait_until 5 heard plain '"instrument_key":"NSE_EQ:1","ltp":1.5,'
  heard plain '"source":"cache"'
  wait_until 5 heard_after "$connected" plain '"state":"connected"'
  wait_until 5 ready 200

  kill_redis
  wait_until 2 heard plain 'this server does not hear Redis'
  wait_until 2 heard cable '"message":{"type":"feed_status","state":"disconnected"'
  ready 503
  alive
  [ "$(curl -sS -o /dev/null -w '%{http_code}' "$url/api/v1/health/market_stream")" = 500 ]

  start_redis
  wait_until 10 ready 200
  wait_until 5 last_status_is plain connected
  wait_until 5 last_status_is cable connected

  # A price that was cached, but whose message nobody here heard.
  redis SETEX ltp:NSE_EQ:1 30 1.75
  redis CLIENT KILL TYPE pubsub
  wait_until 5 heard plain '"ltp":1.75'
  wait_until 5 heard cable '"ltp":1.75'
  wait_until 5 ready 200
}
heard_after() { publish "$1" && heard "${@:2}"; }
last_status_is() { [[ $(grep -F feed_status "$1.out" | tail -n 1) == *'"state":"'"$2"'"'* ]]; }

@test "every client learns that Redis hangs, and that it is well again" {
  start_redis
  serve_redis
  talk client '/ws?keys=*'
  wait_until 10 heard_after "$connected" client '"state":"connected"'
  wait_until 5 ready 200
  kill -STOP "$redis_pid"
  local began=$EPOCHREALTIME
  wait_until 5 heard client 'this server does not hear Redis'
  # Within a second, and what a busy machine adds.
  (((${EPOCHREALTIME/./} - ${began/./}) / 1000 < 2000))
  ready 503
  kill -CONT "$redis_pid"
  wait_until 10 last_status_is client connected
  wait_until 5 ready 200
}

@test "health goes by the heartbeat in Redis, and turns when the feed says it is down" {
  start_redis
  serve_redis
  health() { [[ $(curl -sS "$url/api/v1/health/market_stream") == '{"status":"'"$1"'",'* ]]; }
  wait_until 5 health not_running
  redis SET market_stream:heartbeat "$(date +%s)"
  health healthy
  redis SET market_stream:heartbeat "$(($(date +%s) - 61))"
  health stale
  redis SET market_stream:heartbeat "$(date +%s)"
  publish '{"type":"feed_status","state":"mute","reason":"no tick for 60 s","reconnects":7}'
  wait_until 5 health stale
  run curl -sS "$url/api/v1/health/market_stream"
  [[ $output == *'"live":false,"state":"mute","reason":"no tick for 60 s"'*'"feed_reconnects":7,'* ]]
}

@test "a kept line comes as it is, with its own times, and is not called the cache's" {
  start_redis
  local kept='{"type":"screener_ltp_update","symbol":"TCS","instrument_key":"NSE_EQ:2","ltp":3021.5,"timestamp":"2026-01-05T10:15:30+05:30","source":"websocket","recv_us":1767588330123456}'
  redis SET ltp:NSE_EQ:2 3021.5
  redis SET ltp_line:NSE_EQ:2 "$kept"
  redis SET ltp:NSE_EQ:3 nonsense
  redis RPUSH ltp:NSE_EQ:4 1.5
  serve_redis
  wait_until 10 price_known NSE_EQ:2
  talk client '/ws?keys=*'
  wait_until 5 heard client "$kept"
  [ "$(times client '"source":"cache"')" = 0 ]
}

@test "a feed that says it is down makes the server unready, and each client hears why" {
  serve
  talk client '/ws?keys=NSE_EQ:1'
  feed "$connected"
  wait_until 5 ready 200
  feed '{"type":"feed_status","state":"refused","reason":"access token expired (807)"}'
  wait_until 5 heard client 'access token expired (807)'
  ready 503
  alive
  run curl -sS "$url/readyz"
  [[ $output == '{"status":"not_ready","live":false,"state":"refused","reason":"access token expired (807)",'* ]]
}

@test "nobody waits for a client that takes nothing" {
  serve
  talk stalled '/ws?keys=*'
  talk other '/ws?keys=NSE_EQ:1'
  send USR2 stalled
  # Far more than sockets hold.
  awk 'BEGIN { for (i = 0; i < 60000; ++i) printf "{\"type\":\"screener_ltp_update\",\"instrument_key\":\"NSE_EQ:1\",\"ltp\":%d.5,\"padding\":\"%0300d\"}\n", i, 0 }' >&"$to_serve"
  wait_until 20 heard other '"ltp":59999.5'
}
