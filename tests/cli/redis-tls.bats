# The programs over TLS: a real Redis with a certificate that an authority of ours has signed.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  make_certificates
  start_tls_redis
}
teardown() {
  stop_all
  stop_redis
}

make_certificates() {
  local name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=an authority' \
    -keyout ca.key -out ca.pem 2>/dev/null
  for name in redis client; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
      -keyout $name.key -out $name.csr 2>/dev/null
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $name.pem \
      -extfile <(echo 'subjectAltName=DNS:localhost') 2>/dev/null
  done
}

# Redis listens with TLS on a port that the kernel has just had; another may be quicker.
start_tls_redis() {
  local i
  for ((i = 0; i < 5; ++i)); do
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    if start_redis --tls-port "$port" --bind 127.0.0.1 --tls-cert-file redis.pem --tls-key-file redis.key \
      --tls-ca-cert-file ca.pem "$@"; then
      return
    fi
    stop_redis
  done
  return 1
}

tick() { printf '{"type":"screener_ltp_update","instrument_key":"%s","ltp":%s}\n' "$1" "$2"; }

@test "a price goes over TLS to Redis, and to who asks for it" {
  start_tls_redis_anew --tls-auth-clients no
  export REDIS_URL="rediss://localhost:$port?ca=$PWD/ca.pem"
  start listener redis-cli -s "$redis_socket" SUBSCRIBE live_ltp_updates
  wait_until 5 grep -q subscribe listener.out
  run --separate-stderr "$LTP_BIN/ltp-cache" --publish < <(tick NSE_EQ:1 1393.4)
  [ "$status" -eq 0 ]
  [ "$stderr" = '' ]
  [ "$(redis GET ltp:NSE_EQ:1)" = 1393.4 ]
  wait_until 5 grep -qF 1393.4 listener.out
  run --separate-stderr "$LTP_BIN/ltp-get" -o ndjson NSE_EQ:1
  [ "$status" -eq 0 ]
  [[ $output == *'"ltp":1393.4'* ]]
}

@test "a browser's server hears ticks over TLS" {
  start_tls_redis_anew --tls-auth-clients no
  export REDIS_URL="rediss://localhost:$port?ca=$PWD/ca.pem"
  start serve "$LTP_BIN/ltp-serve" --port 0
  local url
  url=$(address_of serve)
  wait_until 5 eval '[[ $(redis PUBSUB NUMSUB live_ltp_updates | tail -n 1) == 1 ]]'
  "$LTP_BIN/ltp-cache" --publish --stdout none < <(tick NSE_EQ:1 1393.4)
  run curl -s "$url/api/v1/current_prices?keys=NSE_EQ:1"
  [[ $output == *'"NSE_EQ:1":1393.4'* ]]
}

@test "a Redis that asks for a certificate gets ours" {
  export REDIS_URL="rediss://localhost:$port?ca=$PWD/ca.pem&cert=$PWD/client.pem&key=$PWD/client.key"
  run --separate-stderr "$LTP_BIN/ltp-cache" < <(tick NSE_EQ:1 5)
  [ "$status" -eq 0 ]
  [ "$(redis GET ltp:NSE_EQ:1)" = 5 ]
}

@test "an authority that is not trusted, and a name that is not the certificate's, cost 69" {
  tick NSE_EQ:1 5 >in
  REDIS_URL="rediss://localhost:$port" start_shell authority 'exec "$LTP_BIN/ltp-cache" <in'
  REDIS_URL="rediss://127.0.0.1:$port?ca=$PWD/ca.pem" start_shell name 'exec "$LTP_BIN/ltp-cache" <in'
  local what
  for what in authority name; do
    finish "$what"
    [ "$status" -eq 69 ]
    said "$what" 'certificate is not good'
    cmp in "$what.out"
  done
  [ "$(redis DBSIZE)" -eq 0 ]
}

start_tls_redis_anew() {
  stop_redis
  start_tls_redis "$@"
}
