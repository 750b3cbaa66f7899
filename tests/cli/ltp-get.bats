# What ltp-get promises to a shell.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  start_redis
  redis MSET ltp:NSE_EQ:2885 2847.35 ltp:IDX_I:13 24857.3 ltp:NSE_EQ:1 0 ltp:NSE_EQ:2 '"x' ltp:BSE_EQ:500325 3021.0 >/dev/null
}
teardown() { stop_redis; }

@test "one row per key, in the order asked, to the letter" {
  run --separate-stderr "$LTP_BIN/ltp-get" IDX_I:13 nse_eq:2885 BSE_EQ:500325
  [ "$status" -eq 0 ]
  [ "$output" = '{"instrument_key":"IDX_I:13","ltp":24857.3}
{"instrument_key":"nse_eq:2885","ltp":2847.35}
{"instrument_key":"BSE_EQ:500325","ltp":3021.0}' ]
  [ -z "$stderr" ]
}

@test "what is missing or no price is null, and the status says so" {
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885 NSE_EQ:99 NSE_EQ:1 NSE_EQ:2
  [ "$status" -eq 1 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}
{"instrument_key":"NSE_EQ:99","ltp":null}
{"instrument_key":"NSE_EQ:1","ltp":null}
{"instrument_key":"NSE_EQ:2","ltp":null}' ]
}

@test "a terminal gets a table, and so does who asks for one" {
  run "$LTP_BIN/ltp-get" -o table NSE_EQ:2885 NSE_EQ:99
  [ "$status" -eq 1 ]
  [ "$output" = 'INSTRUMENT       LTP
NSE_EQ:2885  2847.35
NSE_EQ:99          -' ]
  run script -qec "$LTP_BIN/ltp-get NSE_EQ:2885" /dev/null </dev/null
  [ "$status" -eq 0 ]
  [ "${output//$'\r'/}" = 'INSTRUMENT       LTP
NSE_EQ:2885  2847.35' ]
}

@test "a key that is none is named" {
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885 RELIANCE
  [ "$status" -eq 65 ]
  [ -z "$output" ]
  [[ $stderr == "ltp-get: 'RELIANCE' is no instrument"* ]]
  run --separate-stderr "$LTP_BIN/ltp-get"
  [ "$status" -eq 64 ]
}

@test "one MGET is all that Redis is asked" {
  before=$(redis INFO commandstats | sed -nE 's/^cmdstat_mget:calls=([0-9]+).*/\1/p')
  "$LTP_BIN/ltp-get" NSE_EQ:2885 IDX_I:13 >/dev/null
  after=$(redis INFO commandstats | sed -nE 's/^cmdstat_mget:calls=([0-9]+).*/\1/p')
  [ "$after" -eq $((${before:-0} + 1)) ]
  [[ $(redis INFO commandstats) != *cmdstat_get:* ]]
}

@test "Redis away is 69, with where and why" {
  stop_redis
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885
  [ "$status" -eq 69 ]
  [ -z "$output" ]
  [[ $stderr == *"unix:$redis_socket"*"No such file"* ]] || [[ $stderr == *"unix:$redis_socket"*"refused"* ]]
}

@test "a full disk is 74" {
  run --separate-stderr bash -c '"$LTP_BIN/ltp-get" NSE_EQ:2885 >/dev/full'
  [ "$status" -eq 74 ]
  [[ $stderr == *"No space left on device"* ]]
}
