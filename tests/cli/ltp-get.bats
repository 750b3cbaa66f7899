# What ltp-get promises to a shell.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  unset DHANHQ_CLIENT_ID DHANHQ_ACCESS_TOKEN DHANHQ_BASE_URL CLIENT_ID ACCESS_TOKEN DHAN_CLIENT_ID DHAN_ACCESS_TOKEN
  export XDG_CACHE_HOME=$BATS_TEST_TMPDIR DHANHQ_SCRIP_MASTER_URL=http://127.0.0.1:1/master.csv
  start_redis
  redis MSET ltp:NSE_EQ:2885 2847.35 ltp:IDX_I:13 24857.3 ltp:NSE_EQ:1 0 ltp:NSE_EQ:2 '"x' ltp:BSE_EQ:500325 3021.0 >/dev/null
}
teardown() {
  stop_all
  stop_redis
}

# broker [OPTION…]: an ltp-sim whose prices are in a file, and credentials for it.
broker() {
  printf '%s\n' '{"instrument_key":"NSE_EQ:2885","ltp":1393.4}' \
    '{"instrument_key":"NSE_EQ:11536","ltp":3021}' '{"instrument_key":"IDX_I:13","ltp":24900.5}' >prices
  start sim "$LTP_BIN/ltp-sim" --control --prices prices "$@"
  sim=$(address_of sim)
  sim=http${sim#ws}
  export DHANHQ_BASE_URL=$sim/v2 DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=secret-canary
}
asked() { curl -sS "$sim/control/state" | jq -c ".quotes | $1"; }
fault() { [[ $(curl -sS -d '' "$sim/control/$1") == ok ]]; }

get() { "$LTP_BIN/ltp-get" "$@"; }

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
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885 nonsense:
  [ "$status" -eq 65 ]
  [ -z "$output" ]
  [[ $stderr == "ltp-get: 'nonsense:' is no instrument"* ]]
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

@test "names are looked up in the instrument master, and shown beside the price" {
  cat >master.csv <<'CSV'
SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME
NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD
CSV
  run --separate-stderr "$LTP_BIN/ltp-get" --master master.csv RELIANCE idx_i:13
  [ "$status" -eq 0 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","symbol":"RELIANCE","ltp":2847.35}
{"instrument_key":"idx_i:13","ltp":24857.3}' ]
  printf '%s\n' RELIANCE '# nothing' 'NSE_EQ:99  A, "B"' >list
  run get --master master.csv -i list -o csv
  [ "$status" -eq 1 ]
  [ "$output" = 'instrument_key,ltp,symbol
NSE_EQ:2885,2847.35,RELIANCE
NSE_EQ:99,,"A, ""B"""' ]
  run get --master master.csv -i list -o tsv
  [ "$output" = $'instrument_key\tltp\tsymbol\nNSE_EQ:2885\t2847.35\tRELIANCE\nNSE_EQ:99\t-\tA, "B"' ]
  run get --master master.csv RELIANCE -o table
  [ "$output" = 'INSTRUMENT   SYMBOL        LTP
NSE_EQ:2885  RELIANCE  2847.35' ]
  run get --master master.csv -o json RELIANCE IDX_I:13
  [ "$(jq -c . <<<"$output")" = '[{"instrument_key":"NSE_EQ:2885","symbol":"RELIANCE","ltp":2847.35},{"instrument_key":"IDX_I:13","ltp":24857.3}]' ]
  run get --master master.csv NOSUCHNAME
  [ "$status" -eq 65 ]
}

@test "prices only, for a shell variable" {
  [ "$(get --price-only NSE_EQ:2885)" = 2847.35 ]
  run get --price-only NSE_EQ:2885 NSE_EQ:99 IDX_I:13
  [ "$status" -eq 1 ]
  [ "$output" = $'2847.35\n\n24857.3' ]
}

@test "what Redis does not have the broker is asked for, unless --no-broker" {
  broker
  run --separate-stderr "$LTP_BIN/ltp-get" IDX_I:13 NSE_EQ:11536 NSE_EQ:2885
  [ "$status" -eq 0 ]
  [ "$output" = '{"instrument_key":"IDX_I:13","ltp":24857.3}
{"instrument_key":"NSE_EQ:11536","ltp":3021}
{"instrument_key":"NSE_EQ:2885","ltp":2847.35}' ]
  [ "$(asked '[.requests, .ids]')" = '[1,1]' ]
  [ "$(redis GET ltp:NSE_EQ:11536)" = 3021 ]
  run get --no-broker BSE_EQ:1
  [ "$status" -eq 1 ]
  [ "$(asked .requests)" = 1 ]
  run get --broker --price-only IDX_I:13
  [ "$status" -eq 0 ]
  [ "$output" = 24900.5 ]
  (($(asked .least_gap_ms) >= 1000))
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:9999999
  [ "$status" -eq 1 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:9999999","ltp":null}' ]
  [ -z "$stderr" ]
}

@test "the broker's refusals have statuses of their own, and words" {
  echo other >right
  broker --token-file right
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885 NSE_EQ:11536
  [ "$status" -eq 77 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}
{"instrument_key":"NSE_EQ:11536","ltp":null}' ]
  [[ $stderr == 'ltp-get: the broker refuses the token'*401* ]]
  (umask 077 && cp right token)
  unset DHANHQ_ACCESS_TOKEN
  run get --token-file token --price-only NSE_EQ:11536
  [ "$output" = 3021 ]
  fault 'quotes?status=429&times=1'
  run --separate-stderr "$LTP_BIN/ltp-get" --token-file token BSE_EQ:1
  [ "$status" -eq 75 ]
  [[ $stderr == *'limits the rate'* ]]
  fault 'quotes?kind=html&status=502'
  run --separate-stderr "$LTP_BIN/ltp-get" --token-file token --broker BSE_EQ:1
  [ "$status" -eq 69 ]
  [ -z "$output" ]
  [[ $stderr == *'HTTP status 502'* ]]
  unset DHANHQ_CLIENT_ID
  run --separate-stderr "$LTP_BIN/ltp-get" --broker BSE_EQ:1
  [ "$status" -eq 78 ]
}

@test "without Redis the broker answers, and that is said" {
  broker
  stop_redis
  run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:2885
  [ "$status" -eq 0 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","ltp":1393.4}' ]
  [[ $stderr == *"unix:$redis_socket"* ]]
}

@test "many at once make one request a second" {
  broker
  # shellcheck disable=SC2016 # the inner shell expands it
  start_shell many 'for id in $(seq 100 105); do "$LTP_BIN/ltp-get" "NSE_EQ:$id" & done; wait'
  finish many 30
  [ "$(grep -c '"ltp":[0-9]' many.out)" = 6 ]
  [ "$(asked '[.requests, .too_soon]')" = '[6,0]' ]
  (($(asked .least_gap_ms) >= 1000))
}

@test "an ltp-serve is asked instead of Redis" {
  start serve "$LTP_BIN/ltp-serve" --port 0 --no-broker
  url=$(address_of serve)
  run env REDIS_URL=unix:///nowhere "$LTP_BIN/ltp-get" --url "$url" NSE_EQ:2885 NSE_EQ:99
  [ "$status" -eq 1 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}
{"instrument_key":"NSE_EQ:99","ltp":null}' ]
  # More than an ltp-serve takes at once.
  { seq -f 'NSE_FNO:%.0f' 1 2400 && echo NSE_EQ:2885; } >list
  run get --url "$url" -i list
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 2401 ]
  [ "${lines[2400]}" = '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}' ]
  stop_redis
  wait_until 5 said serve 'is away'
  run --separate-stderr "$LTP_BIN/ltp-get" --url "$url/" NSE_EQ:2885
  [ "$status" -eq 69 ]
  [[ $stderr == *'HTTP status 503, Redis cannot be reached'* ]]
  stop serve
  run --separate-stderr "$LTP_BIN/ltp-get" --url "$url" NSE_EQ:2885
  [ "$status" -eq 69 ]
  broker
  run --separate-stderr "$LTP_BIN/ltp-get" --url "$sim" NSE_EQ:2885
  [ "$status" -eq 76 ]
  run get --url "$url" --broker NSE_EQ:2885
  [ "$status" -eq 64 ]
}

@test "a price that is too old, or of unknown age, counts as missing" {
  redis SET ltp:NSE_EQ:5 10 PX 25000 >/dev/null
  run get --max-age 20s NSE_EQ:5
  [ "$status" -eq 0 ]
  redis SET ltp:NSE_EQ:5 10 PX 5000 >/dev/null
  run get --max-age 20s NSE_EQ:5
  [ "$status" -eq 1 ]
  [[ $output == *null* ]]
  run --separate-stderr "$LTP_BIN/ltp-get" --max-age 20s NSE_EQ:2885
  [ "$status" -eq 1 ]
  [[ $stderr == *'how old 1 price in Redis is, such as that of NSE_EQ:2885'*--store-line* ]]
  broker
  run get --max-age 20s --price-only NSE_EQ:5 NSE_EQ:11536
  [ "${lines[1]}" = 3021 ]
}

@test "--watch asks again, until its reader has gone or it is told to end" {
  start watch "$LTP_BIN/ltp-get" --watch 50ms NSE_EQ:2885
  more() { [[ $(grep -c 2847.35 watch.out) -ge 3 ]]; }
  wait_until 5 more
  redis SET ltp:NSE_EQ:2885 2900 >/dev/null
  wait_until 5 grep -q 2900 watch.out
  send INT watch
  finish watch
  [ "$status" -eq 0 ]
  # shellcheck disable=SC2016 # the inner shell expands it
  start_shell head '"$LTP_BIN/ltp-get" --watch 50ms -o csv NSE_EQ:2885 | head -n 3'
  finish head 5
  [ "$(<head.out)" = 'instrument_key,ltp,symbol
NSE_EQ:2885,2900,
NSE_EQ:2885,2900,' ]
  run timeout 5 script -qec "timeout -s INT 1 $LTP_BIN/ltp-get --watch 100ms NSE_EQ:2885" /dev/null </dev/null
  [[ $output == *$'\x1b[2J'*INSTRUMENT*$'\x1b[H'*INSTRUMENT* ]]
}

@test "a signal before the only answer ends it, and not with 0" {
  broker
  fault 'quotes?late_ms=5000'
  local signal
  for signal in TERM INT; do
    start get "$LTP_BIN/ltp-get" --price-only NSE_EQ:11536
    asking() { [[ $(redis --raw CLIENT LIST) == *name=ltp-get* ]]; }
    wait_until 5 asking
    send "$signal" get
    finish get
    [ "$status" -gt 128 ]
    [ ! -s get.out ]
  done
}

@test "a watch has an age of its own for what the broker told" {
  broker
  run --separate-stderr timeout --preserve-status -s INT 6 "$LTP_BIN/ltp-get" --watch 500ms --max-age 1s --price-only NSE_EQ:11536
  [ "$status" -eq 0 ]
  # In 6 s the broker was asked again and again, for nobody had a price of less than 1 s.
  (($(asked .requests) >= 3))
  local before
  before=$(asked .requests)
  run --separate-stderr timeout --preserve-status -s INT 6 "$LTP_BIN/ltp-get" --broker --watch 500ms --price-only IDX_I:13
  (($(asked .requests) >= before + 2))
}

@test "standard descriptors that are closed take nothing else" {
  run bash -c '"$LTP_BIN/ltp-get" -v NSE_EQ:2885 <&-'
  [ "$status" -eq 0 ]
  run bash -c '"$LTP_BIN/ltp-get" -v NSE_EQ:2885 2>&-'
  [ "$status" -eq 0 ]
  [ "$output" = '{"instrument_key":"NSE_EQ:2885","ltp":2847.35}' ]
  run bash -c '"$LTP_BIN/ltp-get" -v NSE_EQ:2885 >&-'
  [ "$status" -eq 74 ]
  run bash -c '"$LTP_BIN/ltp-get" -i /nonexistent <&-'
  [ "$status" -eq 66 ]
}

@test "what is typed counts before the file, also where one excludes the other" {
  broker
  echo 'no-broker = true' >file
  run --separate-stderr "$LTP_BIN/ltp-get" --config file --broker --price-only IDX_I:13
  [ "$output" = 24900.5 ]
  echo 'price-only = true' >file
  run --separate-stderr "$LTP_BIN/ltp-get" --config file -o tsv NSE_EQ:2885
  [ "${lines[1]}" = "$(printf 'NSE_EQ:2885\t2847.35\t-')" ]
  echo 'output = csv' >>file
  run --separate-stderr "$LTP_BIN/ltp-get" --config file NSE_EQ:2885
  [ "$status" -eq 78 ]
  [[ $stderr == *'excludes'* ]]
  printf 'price-only = false\noutput = csv\n' >file
  run --separate-stderr "$LTP_BIN/ltp-get" --config file NSE_EQ:2885
  [ "${lines[1]}" = 'NSE_EQ:2885,2847.35,' ]
  run --separate-stderr "$LTP_BIN/ltp-get" --config . NSE_EQ:2885
  [ "$status" -eq 78 ]
}

@test "variables that hold a line end are named, not blamed on the network" {
  DHANHQ_CLIENT_ID=1 DHANHQ_ACCESS_TOKEN=$'secret-canary\r' run --separate-stderr "$LTP_BIN/ltp-get" NSE_EQ:901
  [ "$status" -eq 78 ]
  [[ $stderr == *'DHANHQ_ACCESS_TOKEN is not one word'* ]]
  [[ $stderr != *canary* ]]
}

@test "each that is asked for has a row, and a hostile name moves nothing" {
  printf 'nse_eq:2885  RE\x1b[2JL\tX\xc2\x9b\nIDX_I:13  caf\xc3\xa9\nNSE_EQ:2885\n' >list
  run --separate-stderr "$LTP_BIN/ltp-get" --price-only -i list nse_eq:2885 NSE_EQ:2885
  [ "$output" = $'2847.35\n2847.35\n2847.35\n24857.3\n2847.35' ]
  run --separate-stderr "$LTP_BIN/ltp-get" -o table -i list nse_eq:2885
  [ "$output" = 'INSTRUMENT   SYMBOL          LTP
nse_eq:2885  RE [2JL X   2847.35
NSE_EQ:2885  RE [2JL X   2847.35
IDX_I:13     café        24857.3
NSE_EQ:2885  RE [2JL X   2847.35' ]
  run --separate-stderr "$LTP_BIN/ltp-get" -i /
  [ "$status" -eq 66 ]
}

@test "a watch whose reader has gone ends before its next round" {
  run timeout 20 bash -c '"$LTP_BIN/ltp-get" --watch 1h NSE_EQ:2885 | head -n 1'
  [ "$status" -eq 0 ]
}

@test "doctor tells a Redis that forbids or stops from one that has nothing" {
  redis ACL SETUSER blind on '>p' '~foo:*' '&*' +@all >/dev/null
  redis SETEX ltp:BSE_EQ:7 30 1 >/dev/null
  REDIS_URL="unix://blind:p@$redis_socket" run get doctor --url http://127.0.0.1:1
  [[ $output == *'WRONG the life of ltp:'*' is not told: NOPERM'*'give this user the right to PTTL'* ]]
  [[ $output == *'WRONG the heartbeat cannot be read: NOPERM'* ]]
  redis LPUSH market_stream:heartbeat x >/dev/null
  run get doctor --url http://127.0.0.1:1
  [[ $output == *'WRONG the heartbeat cannot be read: WRONGTYPE'* ]]
  redis SET market_stream:heartbeat 1700000000000 >/dev/null
  run get doctor --url http://127.0.0.1:1
  [[ $output == *'WRONG the heartbeat, 1700000000000, lies in the future'* ]]
  redis CONFIG SET requirepass early >/dev/null
  run get doctor --url http://127.0.0.1:1
  [ "$status" -eq 69 ]
  [[ $output == *'cannot be used: NOAUTH'*'; mend user and password in REDIS_URL'* ]]
}

@test "doctor walks the chain and names the next move" {
  run --separate-stderr "$LTP_BIN/ltp-get" doctor --url http://127.0.0.1:1
  [ "$status" -eq 69 ]
  [[ $output == *"ok    Redis at unix:$redis_socket answers"* ]]
  [[ $output == *'WRONG ltp:'*' lives for ever'*'SETEX'* ]]
  [[ $output == *'WRONG nobody listens to live_ltp_updates; start ltp-serve'* ]]
  [[ $output == *'there is no heartbeat'* ]]
  [[ $output == *'WRONG no ltp-serve at http://127.0.0.1:1/'*'Connection refused'* ]]
  [[ $output == *'note  the broker is not asked: DHANHQ_CLIENT_ID is not set'* ]]

  redis FLUSHALL >/dev/null
  redis SETEX ltp:NSE_EQ:2885 30 1 >/dev/null
  redis SETEX market_stream:heartbeat 60 "$(date +%s)" >/dev/null
  broker
  start serve "$LTP_BIN/ltp-serve" --port 0
  url=$(address_of serve)
  heard() { redis PUBLISH live_ltp_updates '{"type":"feed_status","state":"connected"}' | grep -q 1; }
  wait_until 5 heard
  run --separate-stderr "$LTP_BIN/ltp-get" doctor --url "$url"
  [ "$status" -eq 0 ]
  [[ $output == *'ok    1 price in Redis'* ]]
  [[ $output == *'ok    1 subscriber of live_ltp_updates'* ]]
  [[ $output == *'ok    the feed was alive '* ]]
  [[ $output == *"ok    ltp-serve at $url/ is healthy"* ]]
  [[ $output == *'ok    the broker takes the token, until '*' Indian time'* ]]
  [[ $output != *secret-canary* ]]

  fault expire || true
  echo x >bad && chmod 600 bad
  start strict "$LTP_BIN/ltp-sim" --token-file bad
  strict=$(address_of strict)
  DHANHQ_BASE_URL=http${strict#ws}/v2 run get doctor --url "$url"
  [ "$status" -eq 77 ]
  [[ $output == *'WRONG the broker refuses the token'* ]]
  stop_redis
  run get doctor --url "$url"
  [ "$status" -eq 69 ]
}

@test "the quick way and the whole program say the same" {
  local whole=$LTP_BIN/../libexec/ltp/ltp-get-whole args url wrong=0
  same() {
    local -a one two
    one=("$(get "$@" 2>err1; echo "$?")" "$(<err1)")
    two=("$("$whole" "$@" 2>err2; echo "$?")" "$(<err2)")
    [[ ${one[*]} == "${two[*]}" ]] || { wrong=1 && printf '%s: %s, not %s\n' "$*" "${one[*]}" "${two[*]}"; }
  }
  redis ACL SETUSER reader on '>p w' '~*' +@all >/dev/null
  redis -n 3 SET ltp:NSE_EQ:2885 3 >/dev/null
  while read -r args; do
    # shellcheck disable=SC2086 # words
    same $args
  done <<'ARGS'
nse_eq:2885 IDX_I:13 NSE_EQ:2885
NSE_EQ:2885 NSE_EQ:99 NSE_EQ:1 NSE_EQ:2
-o table NSE_EQ:2885 NSE_EQ:99
NSE_EQ:2885 --output json
-o csv NSE_EQ:2885 NSE_EQ:99
-o tsv NSE_EQ:99
-o NDJSON NSE_EQ:2885
-o nothing NSE_EQ:2885
-o csv -o tsv NSE_EQ:2885
--price-only NSE_EQ:2885 NSE_EQ:99
--price-only -o csv NSE_EQ:2885
--no-broker NSE_EQ:2885
-q NSE_EQ:2885
--redis unix:///nowhere NSE_EQ:2885
-o
--version
ARGS
  for url in "unix://$redis_socket?db=3" "unix://reader:p%20w@$redis_socket" \
    "unix://reader:wrong@$redis_socket" unix:///nowhere nonsense redis://127.0.0.1:1 rediss://127.0.0.1:1; do
    REDIS_URL=$url same NSE_EQ:2885 NSE_EQ:99
  done
  [ "$wrong" -eq 0 ]
}

@test "an installation without its other half says so" {
  cp "$LTP_BIN/ltp-get" alone
  run --separate-stderr ./alone NSE_EQ:2885
  [ "$status" -eq 0 ]
  run --separate-stderr ./alone --version
  [ "$status" -eq 70 ]
  [[ $stderr == 'ltp-get: cannot run '*'/libexec/ltp/ltp-get-whole (No such file or directory); install it again' ]]
}
