# The broker's side, as an HTTP client and a shell meet it.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  data=$BATS_TEST_DIRNAME/../../examples/data/nse-minute-bars.ndjson
}
teardown() { stop_all; }

start_sim() {
  start sim "$LTP_BIN/ltp-sim" "$@"
  url=$(address_of sim)
  url=http${url#ws}
}

# ask PATH BODY [CURL OPTION…]: status and body, a line each.
ask() { curl -sS -w '\n%{http_code}' -H 'access-token: t' -H "client-id: ${client:-1}" -d "$2" "${@:3}" "$url$1"; }

@test "quotes have the documented shape, ids as keys, unknown ones left out" {
  printf '%s\n' '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}' '{"instrument_key":"IDX_I:13","ltp":"24857.3"}' >prices
  start_sim --prices prices
  run ask /v2/marketfeed/ltp '{"NSE_EQ":[2885,9999999],"IDX_I":[13]}'
  [ "$output" = '{"data":{"IDX_I":{"13":{"last_price":24857.3}},"NSE_EQ":{"2885":{"last_price":2847.35}}},"status":"success"}
200' ]
  client=2 run ask /v2/marketfeed/ohlc '{"NSE_EQ":[2885]}'
  [[ $output == '{"data":{"NSE_EQ":{"2885":{"last_price":2847.35,"ohlc":{"open":2847.35,"close":'*',"high":2847.35,"low":2847.35}}}},"status":"success"}'* ]]
  client=3 run ask /v2/marketfeed/quote '{"NSE_EQ":[2885]}'
  jq -e '.data.NSE_EQ["2885"] | (.depth.buy | length) == 5 and .depth.buy[0].price < .depth.sell[0].price
    and .ohlc.high >= .ohlc.low and .volume > 0
    and .lower_circuit_limit < .ohlc.close and .ohlc.close < .upper_circuit_limit
    and (.last_trade_time | test("^\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d:\\d\\d$"))' <<<"${lines[0]}"
}

@test "one quote a second for each client id, over all three paths" {
  start_sim
  [[ $(ask /v2/marketfeed/ltp '{}') == *200 ]]
  run ask /v2/marketfeed/ohlc '{}'
  [[ ${lines[0]} == '{"data":{"805":"'*'"},"status":"failed"}' ]]
  [ "${lines[1]}" = 429 ]
  client=2 run ask /v2/marketfeed/ltp '{}'
  [ "${lines[1]}" = 200 ]
}

@test "quotes go wrong as told, and are counted" {
  start_sim --control --fault 'quotes?kind=html&status=502&times=1'
  fault() { [[ $(curl -sS -d '' "$url/control/$1") == ok ]]; }
  wrong() { client=$1 ask /v2/marketfeed/ltp '{"NSE_EQ":[2885,11536]}' "${@:2}"; }
  [[ $(wrong 1) == '<!doctype html>'*$'\n502' ]]
  [[ $(wrong 2) == '{"data":{"NSE_EQ":{"2885":{"last_price":'*$'\n200' ]]
  fault 'quotes?kind=truncated'
  run wrong 3
  [ "${lines[1]}" = 200 ]
  run ! jq . <<<"${lines[0]}"
  fault 'quotes?kind=zero'
  [[ $(wrong 4) == '{"data":{"NSE_EQ":{"11536":{"last_price":0},"2885":{"last_price":0}}},"status":"success"}'* ]]
  # Too soon it is an error, in which there are no prices to spoil.
  [[ $(wrong 4) == *@($'\n429'|$'\n200') ]]
  fault 'quotes?kind=missing'
  [[ $(wrong 5) == '{"data":{},"status":"success"}'* ]]
  fault 'quotes?kind=redirect&to=http://127.0.0.1:1/x'
  [[ $(wrong 6 -D headers) == *302 ]]
  grep -qi '^location: http://127.0.0.1:1/x' headers
  fault 'quotes?status=500&late_ms=300'
  run wrong 7 -w '\n%{http_code} %{time_total}'
  [[ ${lines[1]} == 500* ]]
  awk '{ exit !($2 >= 0.3) }' <<<"${lines[1]}"
  fault heal
  [[ $(wrong 7) == *429 ]] || [[ $(wrong 8) == *200 ]]
  curl -sS "$url/control/state" | jq -e '.quotes | .requests >= 8 and .distinct_ids == 2
    and .most_ids_in_a_request == 2 and .ids >= 14 and .least_gap_ms >= 0'
}

@test "errors have the broker's shapes" {
  echo secret-canary >token
  start_sim --client-id 7 --token-file token
  client=7 run ask /v2/marketfeed/ltp '{}'
  [[ ${lines[0]} == '{"errorType":"Invalid_Authentication","errorCode":"DH-901",'* ]]
  [ "${lines[1]}" = 401 ]
  run curl -sS -w '\n%{http_code}' -H 'access-token: secret-canary' -H 'client-id: 7' -d '[]' "$url/v2/marketfeed/ltp"
  [[ ${lines[0]} == *DH-905* ]]
  [ "${lines[1]}" = 400 ]
  run ask /v2/nothing '{}'
  [[ ${lines[0]} == *'"status":404,"error":"Not Found","path":"/v2/nothing"}' ]]
  [ "${lines[1]}" = 404 ]
  run curl -sS -H 'access-token: secret-canary' "$url/v2/profile"
  jq -e '.dataPlan == "Active" and (.tokenValidity | test("^\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d$"))' <<<"$output"
  run ! grep secret-canary sim.out sim.err
}

@test "an upgrade without the four parameters, or with wrong ones, is refused" {
  start_sim --client-id 7
  upgrade() {
    curl -sS -o /dev/null -w '%{http_code}' -m 5 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
      -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$url$1" || true
  }
  [ "$(upgrade '/')" = 400 ]
  [ "$(upgrade '/?version=1&token=t&clientId=7&authType=2')" = 400 ]
  [ "$(upgrade '/?version=2&clientId=7&authType=2')" = 401 ]
  [ "$(upgrade '/?version=2&token=t&clientId=8&authType=2')" = 401 ]
  [ "$(upgrade '/other?version=2&token=t&clientId=7&authType=2')" = 404 ]
}

@test "a recording that cannot be played is told by file and line" {
  printf '%s\n' '{"instrument_key":"NSE_EQ:1","ltp":1}' '{"instrument_key":"NSE_EQ:1","ltp":0}' >bad
  run --separate-stderr "$LTP_BIN/ltp-sim" --prices bad
  [ "$status" -eq 65 ]
  [ "$stderr" = "ltp-sim: bad:2: 'ltp' is no price" ]
  echo '{"symbol":"NOBODY","open":"1","high":"1","low":"1","close":"1","volume":1}' >bad
  run --separate-stderr "$LTP_BIN/ltp-sim" --prices bad
  [ "$status" -eq 65 ]
  [[ $stderr == *"bad:1: the symbol 'NOBODY' is not known here" ]]
  run "$LTP_BIN/ltp-sim" --prices nowhere
  [ "$status" -eq 66 ]
}

@test "the real bars play, and a taken port is told" {
  start_sim --prices "$data" --loop
  run ask /v2/marketfeed/ltp '{"NSE_EQ":[10939]}'
  [[ ${lines[0]} == *'"last_price":290}'* ]]
  run --separate-stderr "$LTP_BIN/ltp-sim" --port "${url##*:}"
  [ "$status" -eq 74 ]
  [[ $stderr == *"is taken (Address already in use)"* ]]
  stop sim
  [ "$status" -eq 0 ]
}
