# Who is let in to ltp-serve, where it listens, how it ends, and what SIGHUP changes.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

tick='{"type":"screener_ltp_update","symbol":"RELIANCE","instrument_key":"NSE_EQ:2885","ltp":2847.35,"seq":1}'
secret=correct-horse-battery-staple

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

# serve [OPTION…]: an ltp-serve --stdin that has read a tick and stays; $url is its address.
serve() {
  mkfifo to_serve
  start_shell serve 'exec ltp-serve --stdin "$@" <to_serve' "$@"
  exec {to_serve}>to_serve
  printf '%s\n' "$tick" >&"$to_serve"
  url=$(address_of serve)
}

prices='/api/v1/current_prices?keys=NSE_EQ:2885'
status_of() { curl -sS -o answer -w '%{http_code}' "$url$1" "${@:2}"; }
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
# token SECONDS [SECRET]: one that ends in so many.
token() {
  local head body
  head=$(printf '{"alg":"HS256","typ":"JWT"}' | b64)
  body=$(printf '{"exp":%d}' $(($(date +%s) + $1)) | b64)
  printf '%s.%s.%s' "$head" "$body" "$(printf '%s' "$head.$body" | openssl dgst -sha256 -hmac "${2-$secret}" -binary | b64)"
}
# dial NAME PATH [HEADER…]: a WebSocket by hand; what it hears is in NAME.out, and how it
# ended in NAME.err.
dial() {
  start "$1" node "$node/dial.mjs" "ws${url#http}$2" "${@:3}"
}
heard() { grep -qF -- "$2" "$1.out"; }

@test "pages of a listed origin may connect, others find nothing" {
  serve --port 0 --allow-origin https://a.example --allow-origin 'https://*.b.example'
  dial listed /ws?keys=* 'Origin: https://x.b.example'
  wait_until 5 heard listed RELIANCE
  dial other /ws?keys=* 'Origin: https://c.example'
  wait_until 5 said other '404'
  dial none /ws?keys=*
  wait_until 5 heard none RELIANCE
  run --separate-stderr ltp-serve --stdin --port 0 --allow-origin a.example </dev/null
  [ "$status" -eq 78 ]
  [[ $stderr == *"'a.example' is no origin"* ]]
}

@test "CORS is off unless asked for, and then for those who are named" {
  serve --port 0 --cors https://a.example
  curl -sS -D head -o answer -H 'Origin: https://a.example' "$url$prices"
  grep -qi '^access-control-allow-origin: https://a.example' head
  grep -qi '^vary: origin' head
  curl -sS -D head -o answer -H 'Origin: https://b.example' "$url$prices"
  run ! grep -qi '^access-control' head
  grep -qi '^vary: origin' head
  curl -sS -D head -o answer -X OPTIONS -H 'Origin: https://a.example' \
    -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: content-type' "$url$prices"
  grep -q '^HTTP/1.1 204' head
  grep -qi '^access-control-allow-methods: GET, HEAD, POST, OPTIONS' head
  grep -qi '^access-control-allow-headers: .*content-type' head
  curl -sS -D head -o answer -H 'Origin: https://a.example' "$url/embed.js"
  grep -qi '^access-control-allow-origin: https://a.example' head
  curl -sS -D head -o answer -H 'Origin: https://a.example' "$url/"
  run ! grep -qi '^access-control' head
}

@test "without CORS no answer speaks of it, and every answer has its security headers" {
  serve --port 0
  local path
  for path in / /app.js /embed.js "$prices" /api/v1/health/market_stream /livez /nothing; do
    curl -sS -D head -o answer -H 'Origin: https://a.example' "$url$path"
    run ! grep -qiE '^(access-control|vary)' head
    grep -qi '^x-content-type-options: nosniff' head
    grep -qi '^content-security-policy: default-src' head
    grep -qi '^referrer-policy: no-referrer' head
  done
}

@test "with a client secret prices need a token, health and the page do not" {
  printf '%s\n' "$secret" >secrets
  serve --port 0 --client-secret-file secrets
  [ "$(status_of "$prices")" = 401 ]
  grep -qF '"error":"a token is needed"' answer
  [ "$(status_of "$prices" -H "Authorization: Bearer $(token 60)")" = 200 ]
  [ "$(status_of "$prices&token=$(token 60)")" = 200 ]
  [ "$(status_of "$prices&jid=$(token 60)")" = 200 ]
  [ "$(status_of "$prices" -H "Authorization: Bearer $(token -1)")" = 401 ]
  [ "$(status_of "$prices" -H "Authorization: Bearer $(token 60 some-other-secret-of-ours)")" = 401 ]
  [ "$(status_of /api/v1/stream?keys=*)" = 401 ]
  [ "$(status_of '/api/v1/instruments?q=REL')" = 401 ]
  [ "$(status_of /)" = 200 ]
  [ "$(status_of /livez)" = 200 ]
  status_of /api/v1/health/market_stream >health
  run ! grep -q 401 health
  dial plain /ws?keys=*
  wait_until 5 said plain 401
  dial let_in "/ws?keys=*&token=$(token 60)"
  wait_until 5 heard let_in RELIANCE
  # ActionCable has words for it, after which its client does not try again.
  dial cable /cable
  wait_until 5 heard cable '{"type":"disconnect","reason":"unauthorized","reconnect":false}'
  wait_until 5 said cable 'closed with 4401'
  run ! grep -qF "$secret" serve.err
  run ! grep -qE 'eyJ[A-Za-z0-9]' serve.err
}

@test "a token that ends ends the session" {
  printf '%s\n' "$secret" >secrets
  serve --port 0 --client-secret-file secrets
  dial plain "/ws?keys=*&token=$(token 4)"
  dial cable "/cable?token=$(token 4)"
  wait_until 5 heard plain RELIANCE
  wait_until 5 heard cable welcome
  wait_until 12 said plain 'closed with 4401'
  wait_until 12 said cable 'closed with 4401'
  heard cable '{"type":"disconnect","reason":"unauthorized","reconnect":false}'
}

@test "limits: clients, clients of an address, message, commands, keys, identifiers" {
  serve --port 0 --max-clients 3 --max-message 200 --max-commands 5 --max-keys 2 --max-identifiers 1
  dial one /ws
  dial two /ws
  dial three /ws
  wait_until 5 said one open && wait_until 5 said two open && wait_until 5 said three open
  [ "$(status_of /livez)" = 503 ]
  grep -q 'too many clients' answer
  send TERM three
  finish three
  wait_until 5 eval '[ "$(status_of /livez)" = 200 ]'
  dial long /ws 'send: '"$(printf '%0300d' 0)"
  wait_until 5 said long 'closed with 1009'
  dial many /ws 'send: {"subscribe":["NSE_EQ:1","NSE_EQ:2","NSE_EQ:3"]}'
  wait_until 5 heard many '"type":"error"'
  stop many || true
  local -a flood=()
  for _ in {1..20}; do flood+=('send: {"max_hz":5}'); done
  dial flood /ws "${flood[@]}"
  wait_until 5 said flood 'closed with 1008'
  dial ids /cable 'send: {"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\"}"}' \
    'send: {"command":"subscribe","identifier":"{\"channel\":\"DashboardChannel\",\"n\":2}"}'
  wait_until 5 heard ids reject_subscription
}

@test "a limit of one address is its own" {
  serve --port 0 --max-clients-per-address 1
  dial one /ws
  wait_until 5 said one open
  [ "$(status_of /livez)" = 429 ]
  [ "$(curl -sS --interface 127.0.0.2 -o answer -w '%{http_code}' "$url/livez")" = 200 ]
}

@test "it listens on a unix socket for a proxy" {
  mkfifo to_serve
  start_shell serve 'exec ltp-serve --stdin --socket s.sock <to_serve'
  exec {to_serve}>to_serve
  printf '%s\n' "$tick" >&"$to_serve"
  wait_until 5 said serve 'listening on unix:s.sock'
  run curl -sS --unix-socket s.sock "http://host$prices"
  [[ $output == *'"NSE_EQ:2885":2847.35'* ]]
  [ "$(stat -c %a s.sock)" = 660 ]
  stop serve
  [ "$status" -eq 0 ]
  [ ! -e s.sock ]
}

@test "a supervisor's socket is taken, and told when we are ready and when we end" {
  mkfifo to_serve
  start supervisor node "$node/supervisor.mjs" "$LTP_BIN/ltp-serve" --stdin
  wait_until 10 said supervisor 'listening on'
  wait_until 10 heard supervisor READY=1
  run curl -sS "$(address_of supervisor)/livez"
  [[ $output == *alive* ]]
  send TERM supervisor
  wait_until 10 heard supervisor STOPPING=1
}

@test "TLS, with a certificate that is renewed by SIGHUP" {
  certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
      -addext 'subjectAltName=IP:127.0.0.1' -keyout key.pem -out cert.pem 2>openssl.err
  }
  certificate first
  serve --port 0 --tls-cert cert.pem --tls-key key.pem
  [[ $url == https://* ]]
  run curl -sS --cacert cert.pem "$url$prices"
  [[ $output == *2847.35* ]]
  certificate second
  run ! curl -sS --cacert cert.pem "$url$prices"
  send HUP serve
  wait_until 5 curl -sS --cacert cert.pem -o answer "$url$prices"
  cp cert.pem good.pem
  echo no certificate >cert.pem
  send HUP serve
  wait_until 5 said serve 'kept the settings as they were: cannot use the certificate cert.pem'
  curl -sS --cacert good.pem -o answer "$url$prices"
}

@test "SIGHUP reads the settings again, and keeps them if they are bad" {
  printf 'max-clients = 1\n' >conf
  printf '%s\n' "$secret" >secrets
  serve --port 0 --config conf
  dial one /ws?keys=*
  wait_until 5 said one open
  [ "$(status_of /livez)" = 503 ]
  printf 'max-clients = 5\nclient-secret-file = secrets\n' >conf
  send HUP serve
  wait_until 5 said serve 'read the settings again'
  [ "$(status_of "$prices")" = 401 ]
  [ "$(status_of "$prices" -H "Authorization: Bearer $(token 60)")" = 200 ]
  printf 'max-clients = many\n' >conf
  send HUP serve
  wait_until 5 said serve 'kept the settings as they were: conf: max-clients'
  [ "$(status_of "$prices")" = 401 ]
  running one
}

@test "TERM: clients are told in their words, new ones are not let in, the status is 0" {
  serve --port 0
  dial cable /cable
  dial plain /ws?keys=*
  start stream curl -sSN "$url/api/v1/stream?keys=*"
  wait_until 5 heard cable welcome
  wait_until 5 heard plain RELIANCE
  wait_until 5 heard stream RELIANCE
  stop serve
  [ "$status" -eq 0 ]
  wait_until 5 heard cable '{"type":"disconnect","reason":"server_restart","reconnect":true}'
  wait_until 5 said cable 'closed with 1001'
  wait_until 5 said plain 'closed with 1001'
  finish stream
  [ "$status" -eq 0 ]
}

@test "--workers: several processes share a port, the dead are replaced, TERM ends all" {
  start_redis
  start serve ltp-serve --port 0 --workers 2
  url=$(address_of serve)
  workers() { pgrep -P "$(pid serve)"; }
  two_workers() { [ "$(workers | wc -l)" -eq 2 ]; }
  subscribed() { [[ $(redis PUBSUB NUMSUB live_ltp_updates | tail -n 1) == 2 ]]; }
  wait_until 10 subscribed
  local i
  for i in {1..8}; do dial "client$i" /ws?keys=*; done
  for i in {1..8}; do wait_until 5 said "client$i" open; done
  redis PUBLISH live_ltp_updates "$tick"
  for i in {1..8}; do wait_until 5 heard "client$i" RELIANCE; done
  local victim
  victim=$(workers | head -n 1)
  kill -KILL "$victim"
  wait_until 10 said serve "worker $victim was ended by signal 9; another takes its place"
  wait_until 10 two_workers
  wait_until 10 subscribed
  [ "$(status_of /livez)" = 200 ]
  stop serve
  [ "$status" -eq 0 ]
  run ! curl -sS "$url/livez"
  run --separate-stderr ltp-serve --stdin --workers 2 </dev/null
  [ "$status" -eq 64 ]
}

@test "workers that cannot start end it all with their status" {
  run --separate-stderr timeout 20 ltp-serve --port 0 --workers 2 --tls-cert none.pem --tls-key none.key
  [ "$status" -eq 78 ]
  [[ $stderr == *'cannot use the certificate none.pem'* ]]
}
