# ltp-sim --capture: a recording over the wire.
bats_require_minimum_version 1.5.0
load ../support/programs

# Packets by hand: code, length, segment, id, price, time of trade.
reliance=02100001450b00009af53145418f5b69  # NSE_EQ:2885, 2847.35
nifty=021000000d0000009a31c246418f5b69     # IDX_I:13, 24856.8
market=0708000100000000
goodbye=320a0000000000002703

setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() { stop_all; }

# message TIME_US HEX: a line of a capture.
message() { echo "$1 $((${#2} / 2)) $2"; }
play() {
  start sim "$LTP_BIN/ltp-sim" --capture "$@" 4>&-
  url=$(address_of sim)
}
tap() { start "$1" node "$BATS_TEST_DIRNAME/../node/tap.mjs" "$url" "${@:2}" 4>&-; }
# what NAME: what it heard behind the market status of the connection, pings left out.
what() { sed -n '4,$p' "$1.out" | grep -v -e ping -e traded; }
has_messages() { [ "$(what "$1" | grep -c message)" -ge "$2" ]; }
subscribed() { [ "$(curl -sS "http${url#ws}/control/state" | jq -c '[.connections[].subscriptions] | sort')" = "$1" ]; }

@test "each client hears what it subscribed, message by message" {
  mkfifo day.capture
  exec 4<>day.capture  # a recording that is still being made
  play day.capture --speed max --control
  tap both NSE_EQ:2885 IDX_I:13
  tap one NSE_EQ:2885
  wait_until 20 subscribed '[1,2]'
  {
    echo 'ltp-capture 1'
    message 1 $reliance$nifty
    message 2 $nifty
    message 3 $goodbye
    message 4 $market
    message 5 ${reliance}0210
  } >&4
  exec 4>&-
  wait_until 20 said sim 'ltp-sim: day.capture has ended after 5 messages'
  wait_until 10 has_messages one 3
  [ "$(what one)" = 'tick NSE_EQ:2885 2847.35
message binary 16
packet 7 8
message binary 8
tick NSE_EQ:2885 2847.35
message binary 16' ]
  wait_until 10 has_messages both 4
  [ "$(what both)" = 'tick NSE_EQ:2885 2847.35
tick IDX_I:13 24856.8
message binary 32
tick IDX_I:13 24856.8
message binary 16
packet 7 8
message binary 8
tick NSE_EQ:2885 2847.35
message binary 16' ]
  running sim
}

@test "ltp-feed on a played capture writes what a replay of it writes" {
  export DHANHQ_CLIENT_ID=1 DHANHQ_ACCESS_TOKEN=none
  {
    echo 'ltp-capture 1'
    seq -f "1767588330%06.0f 16 $reliance" 0 50 20000
  } >day.capture
  play day.capture --speed 2
  start feed "$LTP_BIN/ltp-feed" --url "$url" -m ticker NSE_EQ:2885
  wait_until 20 said sim 'day.capture has ended after 401 messages'
  all_here() { [ "$(grep -c screener_ltp_update feed.out)" = 401 ]; }
  wait_until 10 all_here
}

@test "what cannot be played as a capture is refused at once" {
  echo '{"instrument_key":"NSE_EQ:2885","ltp":1}' >lines
  run --separate-stderr "$LTP_BIN/ltp-sim" --quiet --capture lines
  [ "$status" -eq 65 ]
  [ "$stderr" = 'ltp-sim: lines is no capture' ]
  run --separate-stderr "$LTP_BIN/ltp-sim" --capture nowhere
  [ "$status" -eq 66 ]
  run --separate-stderr "$LTP_BIN/ltp-sim" --speed max
  [ "$status" -eq 64 ]
  run --separate-stderr "$LTP_BIN/ltp-sim" --capture lines --rate 5
  [ "$status" -eq 64 ]
}
