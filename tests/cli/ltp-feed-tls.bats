# ltp-feed over wss, with certificates made for the test.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export DHANHQ_CLIENT_ID=1 DHANHQ_ACCESS_TOKEN=canary
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
  start sim "$LTP_BIN/ltp-sim" --tls-cert cert.pem --tls-key key.pem
  broker=$(address_of sim)
}
teardown() { stop_all; }

has_ticks() { grep -q screener_ltp_update "$1.out"; }

@test "ltp-feed speaks TLS with a server that a known authority vouches for" {
  SSL_CERT_FILE=cert.pem start feed "$LTP_BIN/ltp-feed" --url "${broker/127.0.0.1/localhost}" NSE_EQ:2885
  wait_until 10 has_ticks feed
  stop feed
  [ "$status" -eq 0 ]
}

@test "ltp-feed says what is wrong with a certificate, and sends no token there" {
  SSL_CERT_FILE=/dev/null start feed "$LTP_BIN/ltp-feed" --url "${broker/127.0.0.1/localhost}" NSE_EQ:2885
  wait_until 10 said feed 'certificate is not good: self-signed certificate'
  # The right authority, but the name of another host.
  SSL_CERT_FILE=cert.pem start other "$LTP_BIN/ltp-feed" --url "$broker" NSE_EQ:2885
  wait_until 10 said other 'certificate is not good: .*mismatch'
  run ! has_ticks feed
  run ! has_ticks other
}

@test "ltp-feed that speaks plain text to a TLS port says that nothing came of it" {
  start feed "$LTP_BIN/ltp-feed" --url "${broker/wss:/ws:}" NSE_EQ:2885
  wait_until 10 said feed 'cannot be reached'
}
