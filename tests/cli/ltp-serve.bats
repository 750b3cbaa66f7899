bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

tick='{"type":"screener_ltp_update","symbol":"RELIANCE","instrument_key":"NSE_EQ:2885","ltp":2847.35,"seq":1}'

setup() {
  PATH=$LTP_BIN:$PATH
  node=$BATS_TEST_DIRNAME/../node
  unset PORT REDIS_URL
  cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
  stop_all
  if [ -n "${REDIS_URL-}" ]; then stop_redis; fi
}

# serve_lines LINE…: an ltp-serve --stdin that has read them and stays; $url is its address.
serve_lines() {
  mkfifo to_serve
  start_shell serve 'exec ltp-serve --stdin --port 0 <to_serve'
  exec {to_serve}>to_serve
  printf '%s\n' "$@" >&"$to_serve"
  url=$(address_of serve)
}

# record NAME DIALECT PATH
record() {
  start "$1" node "$node/record.mjs" "$2" "ws${url#http}$3"
  address_of "$1" >/dev/null
}

get() { curl -sS "$url$1" "${@:2}"; }
status_of() { curl -sS -o /dev/null -w '%{http_code}' "$url$1" "${@:2}"; }
price_is() { [[ $(get '/api/v1/current_prices?keys=NSE_EQ:2885') == '{"prices":{"NSE_EQ:2885":'"$1"'},'* ]]; }

# upgrade PATH [HEADER]: the status that a WebSocket handshake gets.
upgrade() {
  local socket code
  exec {socket}<>"/dev/tcp/127.0.0.1/${url##*:}"
  printf '%s\r\n' "GET $1 HTTP/1.1" "Host: ${url#http://}" 'Connection: Upgrade' \
    'Upgrade: websocket' 'Sec-WebSocket-Version: 13' \
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' "${2:-X-Nothing: here}" '' >&"$socket"
  read -r -t 5 _ code _ <&"$socket"
  exec {socket}>&-
  echo "$code"
}

heard() { grep -qF -- "$2" "$1.out"; }

@test "ltp-serve --stdin answers from what it has read" {
  serve_lines "$tick"
  wait_until 5 price_is 2847.35
  run get '/api/v1/current_prices?keys=nse_eq:2885,NSE_EQ:1,,%20IDX_I:13%20'
  [[ $output == '{"prices":{"nse_eq:2885":2847.35,"NSE_EQ:1":null,"IDX_I:13":null},"timestamp":"'* ]]
  [[ $output == *'","count":3,"cached_count":1,"api_fetched_count":0}' ]]
  run get /api/v1/current_prices -H 'Content-Type: application/json' -d '{"keys":["NSE_EQ:2885"]}'
  [[ $output == '{"prices":{"NSE_EQ:2885":2847.35},'* ]]
}

@test "ltp-serve passes a line on byte for byte, the latest at once and the next when it comes" {
  local next='{"type":"screener_ltp_update","instrument_key":"NSE_EQ:2885" , "ltp":2847.40,"ours":"\u0950"}'
  serve_lines "$tick"
  wait_until 5 price_is 2847.35
  record ws ws '/ws?keys=NSE_EQ:*'
  record cable cable /cable
  wait_until 5 heard ws "$tick"
  printf '%s\n' "$next" >&"$to_serve"
  wait_until 5 heard ws "$next"
  wait_until 5 heard cable '{"identifier":"{\"channel\":\"DashboardChannel\"}","message":'"$next}"
  [ "$(head -n 2 ws.out)" = "$tick"$'\n'"$next" ]
}

@test "ltp-serve skips what is not JSON, counts it and goes on" {
  serve_lines 'not json' '{"half":' "$tick" '[1]'
  wait_until 5 price_is 2847.35
  exec {to_serve}>&-
  finish serve
  [ "$status" -eq 0 ]
  said serve 'ltp-serve: skipped 3 lines'
}

@test "ltp-serve --stdin ends with 0 when its input ends" {
  run ltp-serve --stdin --port 0 <<<"$tick"
  [ "$status" -eq 0 ]
  [[ $output == *'ltp-serve: standard input ended'* ]]
}

@test "ltp-serve ends with 0 on TERM and on INT, telling its clients to come back" {
  local signal
  for signal in TERM INT; do
    rm -f to_serve
    serve_lines "$tick"
    record cable cable /cable
    send "$signal" serve
    finish serve
    [ "$status" -eq 0 ]
    wait_until 5 heard cable '{"type":"disconnect","reason":"server_restart","reconnect":true}'
    exec {to_serve}>&-
  done
}

@test "ltp-serve says that a port is taken, and ends with 74" {
  serve_lines "$tick"
  run ltp-serve --port "${url##*:}"
  [ "$status" -eq 74 ]
  [[ $output == "ltp-serve: port ${url##*:} on 127.0.0.1 is taken"*"; choose another with --port" ]]
}

@test "ltp-serve starts without Redis, says that it is away, and is well again when it is back" {
  start_redis
  stop_redis
  start serve ltp-serve --port 0
  url=$(address_of serve)
  wait_until 5 said serve 'ltp-serve: Redis at unix:.* is away \(.*\); trying again until it is back'
  [ "$(status_of /)" = 200 ]
  [ "$(status_of '/api/v1/current_prices?keys=NSE_EQ:2885')" = 503 ]
  [ "$(status_of /api/v1/health/market_stream)" = 500 ]
  start_redis
  wait_until 20 said serve 'ltp-serve: Redis at unix:.* is back'
  redis SETEX ltp:NSE_EQ:2885 30 2847.35
  wait_until 10 price_is 2847.35
}

@test "ltp-serve passes on what anybody publishes on the channel, if it is JSON" {
  start_redis
  start serve ltp-serve --port 0
  url=$(address_of serve)
  record rails actioncable /cable
  wait_until 10 heard_after_publishing '{"type":"stats_update","open":3}' rails
  redis PUBLISH live_ltp_updates 'no JSON'
  redis PUBLISH live_ltp_updates "$tick"
  wait_until 5 heard rails "$tick"
  run grep -F 'no JSON' rails.out
  [ "$output" = '' ]
}

# A subscription to Redis has no sign of its own that we could wait for.
heard_after_publishing() {
  redis PUBLISH live_ltp_updates "$1"
  heard "$2" "$1"
}

@test "ltp-serve tells whether the feed is alive" {
  serve_lines '{}'
  run get /api/v1/health/market_stream
  [[ $output == '{"status":"not_running","message":"No active WebSocket streams found"'* ]]
  [ "$(status_of /api/v1/health/market_stream)" = 503 ]
  printf '%s\n' "$tick" >&"$to_serve"
  wait_until 5 price_is 2847.35
  run get /api/v1/health/market_stream
  [[ $output == '{"status":"healthy","heartbeat_age_seconds":0.'* ]]
  [ "$(status_of /api/v1/health/market_stream)" = 200 ]
}

@test "ltp-serve answers a bad question about prices with 400 and the reason" {
  serve_lines "$tick"
  [ "$(status_of /api/v1/current_prices)" = 400 ]
  [[ $(get /api/v1/current_prices) == '{"error":"Missing '\''keys'\'' parameter","timestamp":"'* ]]
  [[ $(get '/api/v1/current_prices?keys=,%20,') == '{"error":"No valid keys provided",'* ]]
  [[ $(get /api/v1/current_prices -H 'Content-Type: application/json' -d '{"keys":') == *"Missing 'keys'"* ]]
  seq -f 'NSE_EQ:%.0f' -s , 1 1001 | sed 's/.*/{"keys":"&"}/' >body
  [ "$(status_of /api/v1/current_prices -H 'Content-Type: application/json' -d @body)" = 400 ]
  [ "$(status_of /api/v1/current_prices -X DELETE)" = 405 ]
  [ "$(status_of /nowhere)" = 404 ]
  wait_until 5 price_is 2847.35
}

@test "ltp-serve shows its page and what the page needs" {
  serve_lines "$tick"
  run get /
  [[ $output == '<!doctype html>'* || $output == '<!DOCTYPE html>'* ]]
  local file
  while IFS='"' read -r _ file; do
    echo "$file"
    [ "$(status_of "/${file#/}")" = 200 ]
  done < <(grep -oE '(src|href)="[a-z/][a-z./-]*' <<<"$output")
  get / -D headers -o /dev/null
  grep -i '^content-security-policy: ' headers
  grep -i '^x-content-type-options: nosniff' headers
}

@test "ltp-serve opens a WebSocket for its own pages and this machine's, not for a stranger's" {
  serve_lines "$tick"
  local path
  for path in /cable '/ws?keys=*'; do
    [ "$(upgrade "$path")" = 101 ]
    [ "$(upgrade "$path" "Origin: $url")" = 101 ]
    [ "$(upgrade "$path" 'Origin: http://localhost:5173')" = 101 ]
    [ "$(upgrade "$path" 'Origin: https://evil.example')" = 404 ]
    [ "$(upgrade "$path" 'Origin: http://localhost.evil.example')" = 404 ]
    [ "$(upgrade "$path" 'Origin: null')" = 404 ]
  done
}

@test "ltp-serve refuses /ws with a key that it cannot read, and says which" {
  serve_lines "$tick"
  local keys
  for keys in keys= keys=NSE:1 'keys=NSE_EQ:2885,x' 'keys=NSE_EQ:**' 'keys=*&max_hz=x' 'keys=*&batch=x'; do
    echo "$keys"
    [ "$(upgrade "/ws?$keys")" = 400 ]
  done
  [ "$(upgrade '/ws?keys=nse_eq:2885,IDX_I:*')" = 101 ]
  [ "$(upgrade '/ws')" = 101 ]
}

@test "ltp-serve refuses a wrong Redis URL without showing it" {
  REDIS_URL=redis://:the-secret@localhost:99999/0 run ltp-serve --port 0
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-serve: REDIS_URL: '* ]]
  [[ $output != *the-secret* ]]
  run ltp-serve --port 0 --redis http://localhost
  [ "$status" -eq 64 ]
}

@test "ltp-serve refuses settings that cannot be" {
  run ltp-serve --stdin --redis redis://localhost
  [ "$status" -eq 64 ]
  run ltp-serve --port 65536
  [ "$status" -eq 64 ]
  PORT=many run ltp-serve
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-serve: PORT: '* ]]
  run ltp-serve --stdin --port 0 --bind nowhere.invalid
  [ "$status" -eq 64 ] || [ "$status" -eq 74 ]
}
